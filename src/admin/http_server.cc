// SPDX-License-Identifier: Apache-2.0
#include "admin/http_server.h"

#include <fcntl.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

#include "admin/http_connection.h"
#include "base/await.h"

namespace amb {

namespace asio = boost::asio;

namespace {

/// False when every connection is busy.
bool make_room(HttpHub& hub) {
  if (hub.connections.size() < hub.limits.connections) return true;
  const auto longest =
      std::ranges::find_if(hub.connections, [](const auto& one) { return one->is_waiting(); });
  if (longest == hub.connections.end()) return false;
  const auto connection = *longest;  // it takes itself off the list
  connection->close();
  return true;
}

}  // namespace

struct HttpServer::Listener {
  Listener(Acceptor its_acceptor, HttpAccess its_access)
      : acceptor(std::move(its_acceptor)),
        pause(acceptor.get_executor()),
        access(std::make_shared<HttpAccess>(std::move(its_access))) {}

  Acceptor acceptor;
  asio::steady_timer pause;
  std::shared_ptr<HttpAccess> access;
};

HttpServer::HttpServer(asio::io_context& io, std::shared_ptr<HttpHandler> handler, const HttpLimits& limits)
    : io_(io), hub_(std::make_shared<HttpHub>()) {
  hub_->handler = std::move(handler);
  hub_->limits = limits;
}

HttpServer::~HttpServer() { stop(); }

void HttpServer::serve(Acceptor acceptor, HttpAccess access) {
  listeners_.push_back(std::make_shared<Listener>(std::move(acceptor), std::move(access)));
  asio::co_spawn(io_, accept_all(hub_, listeners_.back()), pass_on);
}

void HttpServer::set_token(const std::string& token) {
  for (const auto& listener : listeners_) {
    if (listener->access->kind == HttpAccess::Kind::tcp) listener->access->token = token;
  }
}

void HttpServer::stop() {
  hub_->is_over = true;
  for (const auto& listener : std::exchange(listeners_, {})) {
    boost::system::error_code ignored;
    listener->acceptor.close(ignored);
    listener->pause.cancel();
  }
  while (!hub_->connections.empty()) {
    const auto connection = hub_->connections.front();
    connection->finish();
  }
}

std::size_t HttpServer::connections() const { return hub_->connections.size(); }

asio::awaitable<void> HttpServer::accept_all(std::shared_ptr<HttpHub> hub,
                                             std::shared_ptr<Listener> listener) {
  while (!hub->is_over) {
    auto [error, socket] = co_await listener->acceptor.async_accept(kAwait);
    if (hub->is_over) co_return;
    if (error) {  // no descriptor is left, or no memory: it will pass
      listener->pause.expires_after(hub->limits.accept_pause);
      (void)co_await listener->pause.async_wait(kAwait);
      continue;
    }
    // Asio opens sockets without it; between the two nobody here calls exec.
    (void)::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    if (!make_room(*hub)) continue;
    const auto connection = std::make_shared<HttpConnection>(std::move(socket), hub, listener->access);
    hub->connections.push_back(connection);
    asio::co_spawn(listener->acceptor.get_executor(), HttpConnection::serve(connection), pass_on);
  }
}

}  // namespace amb
