// SPDX-License-Identifier: Apache-2.0
//
// One connection to an endpoint for the length of one check. It is over when the check's time is, whatever
// the endpoint does, and it never takes in more than 64 KiB, in 1,024 pieces at most. Reading fails with
// nothing or false; failure() says why, as a verdict. Nothing is said after it was closed.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "health/verdict.h"
#include "net/address.h"

namespace amb {

/// Lives in a shared_ptr, so that its deadline can tell whether it is still there.
class Conversation : public std::enable_shared_from_this<Conversation> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  static constexpr std::size_t kMostBytes = 64 * 1024;
  static constexpr std::size_t kMostReads = 1024;

  Conversation(boost::asio::io_context& io, std::chrono::milliseconds timeout);

  /// Begins the check's time, and connects. Nothing when connected, else the verdict.
  boost::asio::awaitable<std::optional<Verdict>> connect(SocketAddress address);
  bool met_full_backlog() const { return met_full_backlog_; }  ///< Of a UNIX socket.
  /// Why connecting failed, for those who say it in their own words.
  const boost::system::error_code& connect_error() const { return connect_error_; }
  bool is_late() const { return is_late_; }  ///< Its time was over before all was said.

  /// What prevents it shows when the answer is read: a server that closes at once may have said why.
  boost::asio::awaitable<void> send(std::string bytes);

  /// Waits for more bytes in rest().
  boost::asio::awaitable<bool> read_more();
  /// Up to "\r\n", without it.
  boost::asio::awaitable<std::optional<std::string>> read_line();
  /// Up to "\n", without it, or its first `most` bytes where it is longer.
  boost::asio::awaitable<std::optional<std::string>> read_text_line(std::size_t most);
  boost::asio::awaitable<std::optional<std::string>> read_exactly(std::size_t size);
  /// Takes what else comes, so that the other side meets an orderly end and no reset; but neither much of it
  /// nor for long. The last that is done.
  boost::asio::awaitable<void> let_end();
  /// All that has come and was not read by one of the above.
  std::string_view rest() const { return std::string_view(received_).substr(read_); }
  void skip_rest() { read_ = received_.size(); }

  /// When the check's time is over.
  std::chrono::steady_clock::time_point deadline() const { return deadline_.expiry(); }
  bool is_open() const { return socket_.is_open(); }

  /// From now on failure() is that the answer is `what`: "its answer is no HTTP".
  void object(std::string what);
  Verdict failure() const;
  Verdict failure(const boost::system::error_code& error) const;

  /// For those who read by other means. They must bound what they take in themselves.
  Socket& socket() { return socket_; }
  /// Ends whatever is under way. What waits goes on, and fails.
  void close();

 private:
  void start_clock(std::chrono::steady_clock::time_point until);
  boost::asio::awaitable<std::size_t> read_into(boost::asio::mutable_buffer space);
  void open(const Socket::endpoint_type& endpoint, boost::system::error_code& error);
  Verdict connect_failure(const boost::system::error_code& error) const;

  Socket socket_;
  boost::asio::steady_timer deadline_;
  std::chrono::milliseconds timeout_;
  std::string received_;
  std::size_t reads_ = 0;
  std::size_t read_ = 0;  ///< How much of `received_` has been given out.
  boost::system::error_code error_, connect_error_;
  std::string objection_;
  bool is_connected_ = false;
  bool met_full_backlog_ = false;
  bool can_send_ = true;
  bool is_late_ = false;
};

}  // namespace amb
