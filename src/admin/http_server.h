// SPDX-License-Identifier: Apache-2.0
//
// Accepts the connections of the admin API and keeps their number: when there are too many of a class, the
// one that has waited longest for its request makes room. HTTP/1.1 only.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <vector>

#include "admin/http_access.h"
#include "admin/http_limits.h"
#include "admin/http_message.h"

namespace amb {

struct HttpHub;
class HttpConnection;

class HttpServer {
 public:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol>;

  /// `io` must outlive the server.
  HttpServer(boost::asio::io_context& io, std::shared_ptr<HttpHandler> handler, const HttpLimits& limits);
  ~HttpServer();  ///< As stop().
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Serves whoever connects there. `acceptor` listens already.
  void serve(Acceptor acceptor, HttpAccess access);

  /// From now on it is the token of TCP, for those who are connected too.
  void set_token(const std::string& token);

  /// Closes all. The handler is not asked any more.
  void stop();

  std::size_t connections() const;

 private:
  struct Listener;
  static boost::asio::awaitable<void> accept_all(std::shared_ptr<HttpHub> hub,
                                                 std::shared_ptr<Listener> listener);
  static boost::asio::awaitable<bool> accept_one(std::shared_ptr<HttpHub> hub,
                                                 std::shared_ptr<Listener> listener);

  boost::asio::io_context& io_;
  std::shared_ptr<HttpHub> hub_;
  std::vector<std::shared_ptr<Listener>> listeners_;
};

}  // namespace amb
