// SPDX-License-Identifier: Apache-2.0
#include "app/supervisor.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "net/unsent.h"

namespace amb {

namespace {

constexpr auto kUnsentLook = std::chrono::milliseconds(10);

}  // namespace

std::unique_ptr<Supervisor> Supervisor::open(boost::asio::io_context& io, const Plan& plan,
                                             Journal& journal) {
  std::unique_ptr<Supervisor> supervisor(new Supervisor(io, plan, journal));
  if (!supervisor->bind_all() || !supervisor->open_workers()) return nullptr;
  return supervisor;
}

Supervisor::Supervisor(boost::asio::io_context& io, const Plan& plan, Journal& journal)
    : io_(io), plan_(plan), journal_(journal), budget_(plan.max_sessions), unsent_timer_(io) {}

Supervisor::~Supervisor() {
  for (const Bound& bound : bound_) {
    const std::string path = bound.listener.address.is_unix() ? bound.listener.address.path() : "";
    if (!path.empty() && !path.starts_with('@')) (void)::unlink(path.c_str());
  }
}

bool Supervisor::bind_all() {
  bool all = true;
  for (std::size_t link = 0; link < plan_.links.size(); ++link) {
    for (const SocketAddress& address : plan_.links[link].listen) {
      auto bound = bind_listener(address, plan_.workers);
      if (bound) {
        bound_.push_back({link, std::move(*bound)});
      } else {
        journal_.listen_failed(link, address, bound.error());
        all = false;
      }
    }
  }
  return all;
}

std::vector<SocketAddress> Supervisor::listening_addresses() const {
  std::vector<SocketAddress> addresses;
  for (const Bound& bound : bound_) addresses.push_back(bound.listener.address);
  return addresses;
}

std::vector<Route> Supervisor::first_routes() {
  std::vector<Route> routes;
  for (std::size_t link = 0; link < plan_.links.size(); ++link)
    routes.push_back(endpoints_->first_route(link));
  return routes;
}

bool Supervisor::open_workers() {
  endpoints_ = std::make_unique<EndpointKeeper>(io_, plan_.links, listening_addresses(), journal_,
                                                static_cast<EndpointKeeperEvents&>(*this));
  for (unsigned i = 0; i < plan_.workers; ++i) {
    auto worker = Worker::open(first_routes(), budget_, *this, plan_.pipes_per_worker);
    if (!worker) {
      journal_.cannot_start(worker.error().message());
      return false;
    }
    workers_.push_back(std::move(*worker));
  }
  return true;
}

bool Supervisor::start() {
  for (Bound& bound : bound_) {
    if (auto listening = start_listening(bound.listener); !listening) {
      journal_.listen_failed(bound.link, bound.listener.address, listening.error());
      return false;
    }
  }
  for (Bound& bound : bound_) {
    if (auto added = hand_out(bound); !added) {
      journal_.listen_failed(bound.link, bound.listener.address, added.error());
      return false;
    }
    journal_.listening(bound.link, bound.listener.address);
  }
  for (const auto& worker : workers_) worker->start();
  endpoints_->start();
  return true;
}

/// One socket for each worker; a UNIX path has only one, which they share.
Result<void> Supervisor::hand_out(Bound& bound) {
  auto& sockets = bound.listener.sockets;
  while (sockets.size() < workers_.size()) {
    sockets.emplace_back(::fcntl(sockets.front().borrow(), F_DUPFD_CLOEXEC, 0));
    if (!sockets.back().is_open())
      return std::unexpected(Error{"cannot share a listening socket", errno, {}});
  }
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    auto added = workers_[i]->add_listener(static_cast<LinkId>(bound.link), std::move(sockets[i]));
    if (!added) return added;
  }
  return {};
}

void Supervisor::drain(std::move_only_function<void()> on_drained) {
  on_all_drained_ = std::move(on_drained);
  for (const auto& worker : workers_) worker->drain();
}

std::size_t Supervisor::cut(CloseReason reason) {
  const std::size_t sessions = budget_.open();
  for (const auto& worker : workers_) worker->cut(reason);
  return sessions;
}

void Supervisor::flush_notices() {
  std::uint64_t dropped = 0;
  for (const auto& worker : workers_) {
    while (const auto notice = worker->take_notice()) journal_.notice(*notice);
    dropped += worker->dropped_notices();
  }
  journal_.lost_lines(dropped);
}

void Supervisor::stop_workers() {
  for (const auto& worker : workers_) worker->stop();
  flush_notices();  // the threads have ended: these are the last
  workers_.clear();
}

void Supervisor::on_notices() {
  boost::asio::post(io_, [this] { flush_notices(); });
}

void Supervisor::on_resolve_wanted(LinkId link) {
  boost::asio::post(io_, [this, link] { endpoints_->want(link); });
}

void Supervisor::on_drained() {
  boost::asio::post(io_, [this] {
    if (++workers_drained_ == workers_.size()) await_unsent();
  });
}

std::vector<std::uint16_t> Supervisor::our_ports() const {
  std::vector<std::uint16_t> ports;
  for (const SocketAddress& address : listening_addresses()) ports.push_back(address.port());
  ports.insert(ports.end(), endpoints_->dialled_ports().begin(), endpoints_->dialled_ports().end());
  return ports;
}

/// The sessions are closed, but their last bytes may still be in the kernel.
void Supervisor::await_unsent() {
  if (unsent_sockets(our_ports()) == 0) return on_all_drained_();
  unsent_timer_.expires_after(kUnsentLook);
  unsent_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) await_unsent();
  });
}

void Supervisor::on_route(const RouteUpdate& update) {
  for (const auto& worker : workers_) worker->update(update);
}

void Supervisor::on_endpoint_cut(LinkId link, const SocketAddress& endpoint) {
  for (const auto& worker : workers_) worker->cut_endpoint(link, endpoint);
}

}  // namespace amb
