// SPDX-License-Identifier: Apache-2.0
//
// A server in the test's own thread: handlers that answer as the test says, a listener of each kind.
#pragma once

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>

#include "admin/http_server.h"
#include "unit/admin/asking.h"

namespace amb::test {

inline constexpr auto kToken = "0123456789abcdef";

/// Says what it was asked; what it admits and answers otherwise, the test sets.
class FakeHandler final : public HttpHandler {
 public:
  std::size_t most_bytes = 64;
  bool is_heavy = false;
  std::vector<HttpRequest> asked;
  std::function<asio::awaitable<HttpResponse>(HttpRequest)> answers;

  std::expected<HttpAdmission, HttpResponse> admit(const HttpRequest&) override {
    return HttpAdmission{.body_bytes = most_bytes, .is_heavy = is_heavy};
  }
  asio::awaitable<HttpResponse> respond(HttpRequest request) override {
    asked.push_back(request);
    if (answers) co_return co_await answers(std::move(request));
    HttpResponse response;
    response.body = request.method + " " + std::to_string(request.path.size()) + " " + request.body;
    co_return response;
  }
};

/// Of a free port, or at an abstract name of this process.
inline HttpServer::Acceptor acceptor_at(asio::io_context& io, const SocketAddress& address) {
  return HttpServer::Acceptor(io,
                              asio::generic::stream_protocol::endpoint(address.raw(), address.raw_size()));
}

inline SocketAddress address_of(const HttpServer::Acceptor& acceptor) {
  const auto local = acceptor.local_endpoint();
  return SocketAddress::from_kernel(static_cast<const sockaddr*>(local.data()),
                                    static_cast<socklen_t>(local.size()));
}

inline HttpAccess unix_access() { return {.own_uid = ::geteuid(), .token = {}, .hosts = {}}; }

struct Serving {
  explicit Serving(HttpLimits limits = {}, HttpAccess access = unix_access())
      : handler(std::make_shared<FakeHandler>()), server(std::in_place, io, handler, limits) {
    const bool is_tcp = access.kind == HttpAccess::Kind::tcp;
    static int number = 0;
    const auto on = is_tcp ? ip("127.0.0.1")
                           : SocketAddress::from_path("@amb-admin-" + std::to_string(::getpid()) + "-" +
                                                      std::to_string(++number))
                                 .value();
    auto acceptor = acceptor_at(io, on);
    address = address_of(acceptor);
    if (is_tcp) access.hosts = hosts_of(address, access.hosts);
    server->serve(std::move(acceptor), std::move(access));
  }

  Asker asker() { return {io, address}; }
  Answer ask(std::string_view text) { return asker().ask(text); }

  asio::io_context io;
  std::shared_ptr<FakeHandler> handler;
  std::optional<HttpServer> server;
  SocketAddress address;
};

}  // namespace amb::test
