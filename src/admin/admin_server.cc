// SPDX-License-Identifier: Apache-2.0
#include "admin/admin_server.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "admin/api.h"
#include "admin/control_socket.h"
#include "admin/http_access.h"
#include "admin/http_server.h"

namespace amb {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Acceptor = HttpServer::Acceptor;

struct TcpListener {
  Acceptor acceptor;
  SocketAddress address;  ///< With the port that the kernel chose.
};

Result<TcpListener> listen_on_tcp(asio::io_context& io, const SocketAddress& address) {
  const Acceptor::endpoint_type endpoint(address.raw(), address.raw_size());
  Acceptor acceptor(io);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) (void)::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  const auto local = error ? endpoint : acceptor.local_endpoint(error);
  if (error)
    return std::unexpected(Error{"AMBASSADOR_ADMIN: cannot listen on", error.value(), address.to_string()});
  const auto bound = SocketAddress::from_kernel(static_cast<const sockaddr*>(local.data()),
                                                static_cast<socklen_t>(local.size()));
  return TcpListener{std::move(acceptor), bound};
}

}  // namespace

struct AdminServer::Impl {
  asio::io_context& io;
  Control& control;
  AdminSettings settings;
  std::optional<ControlSocket> socket;
  std::shared_ptr<Api> api;
  std::unique_ptr<HttpServer> server;
};

AdminSettings admin_settings(const Settings& settings) {
  return {.control = control_search(settings.control),
          .tcp = settings.admin,
          .token = settings.admin_token,
          .token_file = settings.admin_token_file,
          .hosts = settings.admin_hosts,
          .limits = {},
          .own_pid = ::getpid(),
          .ambiguous_uid = ambiguous_uid()};
}

std::vector<SocketAddress> planned_addresses(const AdminSettings& settings) {
  std::vector<SocketAddress> addresses;
  if (settings.tcp && settings.tcp->port() != 0) addresses.push_back(*settings.tcp);
  for (const ControlSpot& spot : control_spots(settings.control))
    addresses.insert(addresses.end(), spot.addresses.begin(), spot.addresses.end());
  return addresses;
}

AdminServer::AdminServer(asio::io_context& io, Control& control, AdminSettings settings)
    : impl_(new Impl{io, control, std::move(settings), {}, {}, {}}) {}

AdminServer::~AdminServer() { stop(); }

Result<AdminPlaces> AdminServer::start() {
  const AdminSettings& settings = impl_->settings;
  AdminPlaces places;
  std::optional<TcpListener> tcp;
  HttpAccess tcp_access{.kind = HttpAccess::Kind::tcp, .token = {}, .hosts = {}};
  if (settings.tcp) {
    auto token = find_token(settings.token, settings.token_file);
    if (!token) return std::unexpected(token.error());
    auto listening = listen_on_tcp(impl_->io, *settings.tcp);
    if (!listening) return std::unexpected(listening.error());
    tcp_access.token = std::move(*token);
    tcp_access.hosts = hosts_of(listening->address, settings.hosts);
    places.tcp = listening->address.to_string();
    places.addresses.push_back(listening->address);
    tcp.emplace(std::move(*listening));
  }
  if (!settings.control.is_off()) {
    auto opened = ControlSocket::open(impl_->io, settings.control);
    if (!opened && !settings.control.setting.empty()) return std::unexpected(opened.error());
    if (opened) {
      impl_->socket.emplace(std::move(*opened));
      places.control = impl_->socket->place();
      places.notes = impl_->socket->notes();
      if (const auto address = SocketAddress::from_path(places.control)) places.addresses.push_back(*address);
    } else {
      places.failure = opened.error().message();
    }
  }
  impl_->api = std::make_shared<Api>(impl_->io, impl_->control, settings.limits.stream_pause);
  impl_->server = std::make_unique<HttpServer>(impl_->io, impl_->api, settings.limits);
  if (tcp) impl_->server->serve(std::move(tcp->acceptor), std::move(tcp_access));
  if (impl_->socket) {
    impl_->server->serve(impl_->socket->take_acceptor(), {.kind = HttpAccess::Kind::unix_socket,
                                                          .reach = impl_->socket->reach(),
                                                          .own_uid = ::geteuid(),
                                                          .own_pid = settings.own_pid,
                                                          .ambiguous_uid = settings.ambiguous_uid,
                                                          .token = {},
                                                          .hosts = {}});
  }
  return places;
}

void AdminServer::set_token(const std::string& token) {
  if (impl_->server) impl_->server->set_token(token);
}

void AdminServer::stop() {
  if (impl_->server) impl_->server->stop();
  if (impl_->api) impl_->api->end();
  impl_->socket.reset();
}

}  // namespace amb
