// SPDX-License-Identifier: Apache-2.0
//
// One connection of the admin API: requests one after the other, each read within its time and its bounds,
// refused as early as possible, and answered. What is refused before its body came is the last: the
// connection ends, after a moment for the peer to read why.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admin/http_access.h"
#include "admin/http_hub.h"
#include "admin/http_message.h"
#include "admin/http_reader.h"

namespace amb {

/// Lives in a shared_ptr, so that its deadline can tell whether it is still there.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  HttpConnection(Socket socket, std::shared_ptr<HttpHub> hub, std::shared_ptr<const HttpAccess> access,
                 HttpClass its_class);

  /// Until either side has enough, or close(). The connection is in its class's list by then.
  static boost::asio::awaitable<void> serve(std::shared_ptr<HttpConnection> self);

  /// Whether nothing is done for it now: its request is not complete.
  bool is_waiting() const { return is_waiting_; }
  bool is_open() const { return is_open_; }
  /// Ends whatever is under way, and leaves the list.
  void close();
  /// The same, but a stream says first what it has left, as far as the peer takes it at once.
  void finish();

 private:
  struct Asked {
    HttpRequest request;
    HttpAdmission admission;
    std::optional<HttpHeld> body;  ///< Its bytes.
  };
  using Refusal = std::optional<HttpResponse>;

  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<void> respond(Asked asked, AfterAnswer after);
  boost::asio::awaitable<HttpResponse> ask_handler(Asked asked);
  boost::asio::awaitable<Refusal> read_request(Asked& asked);
  Refusal judge_head(Asked& asked);
  bool become_known();
  boost::asio::awaitable<Refusal> read_body(Asked& asked);
  boost::asio::awaitable<bool> receive();
  boost::asio::awaitable<bool> send(std::string_view head, std::string_view body = {});
  boost::asio::awaitable<void> answer(HttpResponse response, AfterAnswer after);
  boost::asio::awaitable<void> stream(HttpResponse response);
  boost::asio::awaitable<void> linger();
  static boost::asio::awaitable<void> watch_end(std::shared_ptr<HttpConnection> self);

  HttpShare& share() { return hub_->share(class_); }
  void begin_to_wait();
  void start_clock(std::chrono::milliseconds time);
  void stop_clock();

  Socket socket_;
  boost::asio::steady_timer deadline_;
  std::shared_ptr<HttpHub> hub_;
  std::shared_ptr<const HttpAccess> access_;
  HttpClass class_;
  HttpReader reader_;
  std::shared_ptr<HttpStream> stream_;
  std::size_t served_ = 0;
  bool is_waiting_ = true;
  bool is_sending_ = false;
  bool is_timed_ = false;
  bool is_open_ = true;
  bool is_kept_ = false;   ///< After this request.
  bool with_body_ = true;  ///< The answer; false for HEAD.
};

}  // namespace amb
