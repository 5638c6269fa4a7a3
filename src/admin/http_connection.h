// SPDX-License-Identifier: Apache-2.0
//
// One connection of the admin API: requests one after the other, each read within its time and its bounds,
// refused as early as possible, and answered. What is refused before its body came is the last: the
// connection ends, after a moment for the peer to read why.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "admin/http_access.h"
#include "admin/http_limits.h"
#include "admin/http_message.h"

namespace amb {

class HttpConnection;

/// What the connections of a server share, and what their last handlers may still look at when it is gone.
struct HttpHub {
  std::shared_ptr<HttpHandler> handler;
  HttpLimits limits;
  /// All there are; of those that wait for their request the longest first.
  std::list<std::shared_ptr<HttpConnection>> connections;
  std::size_t streams = 0;
  bool is_over = false;  ///< From here on nothing is asked of the handler.
};

/// Lives in a shared_ptr, so that its deadline can tell whether it is still there.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;

  HttpConnection(Socket socket, std::shared_ptr<HttpHub> hub, std::shared_ptr<const HttpAccess> access);

  /// Until either side has enough, or close(). The connection is in the hub's list by then.
  static boost::asio::awaitable<void> serve(std::shared_ptr<HttpConnection> self);

  /// Whether nothing is done for it now: its request is not complete.
  bool is_waiting() const { return is_waiting_; }
  /// Ends whatever is under way, and leaves the list.
  void close();
  /// The same, but a stream says first what it has left, as far as the peer takes it at once.
  void finish();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<void> respond(HttpRequest request, bool with_body, AfterAnswer after);
  boost::asio::awaitable<HttpResponse> ask_handler(HttpRequest request);
  boost::asio::awaitable<std::optional<HttpResponse>> read_head(Parser& parser, HttpRequest& request);
  boost::asio::awaitable<std::optional<HttpResponse>> read_body(Parser& parser, std::size_t most);
  boost::asio::awaitable<std::optional<HttpResponse>> read_on(Parser& parser,
                                                              bool (*is_enough)(const Parser&));
  boost::asio::awaitable<bool> receive();
  boost::asio::awaitable<bool> send(std::string bytes);
  boost::asio::awaitable<void> answer(HttpResponse response, bool with_body, AfterAnswer after);
  boost::asio::awaitable<void> stream(HttpResponse response);
  boost::asio::awaitable<void> linger();
  static boost::asio::awaitable<void> watch_end(std::shared_ptr<HttpConnection> self);

  void begin_to_wait();
  void start_clock(std::chrono::milliseconds time);
  void stop_clock();

  Socket socket_;
  boost::asio::steady_timer deadline_;
  std::shared_ptr<HttpHub> hub_;
  std::shared_ptr<const HttpAccess> access_;
  std::string received_;  ///< And not parsed yet.
  std::shared_ptr<HttpStream> stream_;
  std::size_t served_ = 0;
  bool is_waiting_ = true;
  bool is_sending_ = false;
  bool is_timed_ = false;
  bool is_open_ = true;
};

}  // namespace amb
