// SPDX-License-Identifier: Apache-2.0
#include "admin/http_server.h"

#include <fcntl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <new>
#include <utility>

#include "admin/http_connection.h"
#include "admin/http_hub.h"
#include "base/await.h"

namespace amb {

namespace asio = boost::asio;

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
    : io_(io), hub_(std::make_shared<HttpHub>(io.get_executor(), std::move(handler), limits)) {}

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
  for (HttpShare& share : hub_->shares) {
    while (!share.connections.empty()) {
      const auto connection = share.connections.front();
      connection->finish();
    }
    share.changed.cancel();
  }
}

std::size_t HttpServer::connections() const { return hub_->connections(); }

asio::awaitable<void> HttpServer::accept_all(std::shared_ptr<HttpHub> hub,
                                             std::shared_ptr<Listener> listener) {
  while (!hub->is_over) {
    bool is_accepted = false;
    try {
      is_accepted = co_await accept_one(hub, listener);
    } catch (const std::bad_alloc&) {  // costs that connection
      is_accepted = false;
    }
    if (is_accepted || hub->is_over) continue;
    listener->pause.expires_after(hub->limits.accept_pause);
    (void)co_await listener->pause.async_wait(kAwait);
  }
}

/// False when no descriptor is left, or no memory: it will pass.
asio::awaitable<bool> HttpServer::accept_one(std::shared_ptr<HttpHub> hub,
                                             std::shared_ptr<Listener> listener) {
  auto [error, socket] = co_await listener->acceptor.async_accept(kAwait);
  if (error || hub->is_over) co_return false;
  // Asio opens sockets without it; between the two nobody here calls exec.
  (void)::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
  const bool owns = is_owner(*listener->access, socket.native_handle());
  const auto its_class = owns ? HttpClass::owner : HttpClass::stranger;
  if (!hub->make_room(its_class)) co_return true;
  const auto connection =
      std::make_shared<HttpConnection>(std::move(socket), hub, listener->access, its_class);
  hub->share(its_class).connections.push_back(connection);
  try {
    asio::co_spawn(listener->acceptor.get_executor(), HttpConnection::serve(connection), pass_on);
  } catch (const std::bad_alloc&) {
    connection->close();
    throw;
  }
  co_return true;
}

}  // namespace amb
