// SPDX-License-Identifier: Apache-2.0
#include "proxy/connector.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/socket.h"

namespace amb {

namespace {

constexpr std::size_t kAttemptsForChanges = 6;

bool is_our_shortage(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:         // epoll's max_user_watches
    case EADDRNOTAVAIL:  // local ports exhausted
      return true;
    default:
      return false;
  }
}

/// A handshake that is refused ends in ECONNREFUSED; these mean that it had been completed, and bytes that
/// our kernel has acknowledged may be waiting to be read.
bool is_reset_after_handshake(int error) { return error == ECONNRESET || error == EPIPE; }

}  // namespace

Connector::Connector(SessionHost& host, ConnectorOwner& owner, LinkId link)
    : host_(host), owner_(owner), link_(link) {}

void Connector::start() {
  give_up_ = host_.loop().now() + host_.route(link_).limits.connect_total;
  generation_ = host_.route(link_).generation;
  try_next();
}

void Connector::try_next() {
  const Route& route = host_.route(link_);
  if (std::exchange(generation_, route.generation) != route.generation) next_ = 0;
  // A round, another one after the resolver was asked, and a few for addresses that change meanwhile.
  const auto most_attempts = route.endpoints.size() * 2 + kAttemptsForChanges;
  while (next_ < route.endpoints.size() && attempts_ < most_attempts) {
    const SocketAddress& endpoint = route.endpoints[next_++];
    ++attempts_;
    if (attempt(endpoint, next_ == route.endpoints.size())) return;
  }
  exhausted();
}

/// True when the attempt is under way or has succeeded at once.
bool Connector::attempt(const SocketAddress& endpoint, bool is_last) {
  endpoint_ = CompactAddress(endpoint);
  ConnectResult result = try_connect(endpoint);
  if (result.io.status == IoStatus::failed) {
    error_ = result.io.error;
    return false;
  }
  fd_ = std::move(result.fd);
  EventLoop& loop = host_.loop();
  begun_in_turn_ = turn();
  if (!loop.add(fd_.borrow(), kStreamEvents, owner_.upstream_events())) {
    error_ = errno;
    abandon_attempt();
    return false;
  }
  if (result.io.status == IoStatus::done) {
    connected();
    return true;
  }
  // The last endpoint may use all the time that is left, unless the resolver could still name a better one.
  const bool may_ask = host_.route(link_).has_names && !asked_resolver_;
  const Milliseconds limit = loop.now() + host_.route(link_).limits.connect_timeout;
  loop.timers().arm(*this, is_last && !may_ask ? give_up_ : std::min(give_up_, limit));
  return true;
}

void Connector::on_upstream_events(std::uint32_t events) {
  // What is heard in the turn that an attempt begins in is meant for the socket of the one before: the new
  // one was not watched yet when this turn's events were fetched.
  if (!fd_.is_open() || begun_in_turn_ == turn()) return;
  // EPOLLOUT without trouble is a finished handshake; a hang-up alone is no verdict, so the kernel is asked.
  const bool in_trouble = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (!in_trouble && (events & EPOLLOUT) == 0) return;
  const int error = in_trouble ? connect_error(fd_.borrow()) : 0;
  if (is_reset_after_handshake(error)) {
    stop_waiting();
    return owner_.on_connected_lost(error);
  }
  if (error != 0) return attempt_failed(error);
  if ((events & EPOLLOUT) == 0) return;
  // A connect to an ephemeral port of this host that nobody listens on can meet itself.
  if (is_self_connected(fd_.borrow(), endpoint_.port())) return attempt_failed(ECONNREFUSED);
  connected();
}

void Connector::connected() {
  stop_waiting();
  owner_.on_connected();
}

/// The answer of a resolver that is still being asked is for sessions to come.
void Connector::stop_waiting() {
  host_.loop().timers().cancel(*this);
  ListHook<WaitingTag>::unlink();
}

void Connector::attempt_failed(int error) {
  host_.loop().timers().cancel(*this);
  abandon_attempt();
  error_ = error;
  try_next();
}

void Connector::on_timer() {
  if (host_.loop().now() >= give_up_) return give_up();
  const bool is_last = next_ >= host_.route(link_).endpoints.size();
  if (!is_last) return attempt_failed(ETIMEDOUT);
  // The last endpoint is slow. It keeps its chance while the resolver is asked whether the name has moved.
  ask_resolver();
}

void Connector::ask_resolver() {
  asked_resolver_ = true;
  host_.loop().timers().arm(*this, give_up_);
  host_.resolve_for(*this);
}

void Connector::on_resolved() {
  const Route& route = host_.route(link_);
  if (route.generation == generation_) {
    if (!fd_.is_open()) exhausted();
    return;
  }
  host_.loop().timers().cancel(*this);
  abandon_attempt();
  try_next();
}

void Connector::exhausted() {
  const Route& route = host_.route(link_);
  if (route.has_names && !asked_resolver_) return ask_resolver();
  if (attempts_ == 0) return fail(CloseReason::no_upstream);
  if (is_our_shortage(error_)) return fail(CloseReason::limit);
  if (route.endpoints.size() != 1) return fail(CloseReason::no_upstream);
  fail(error_ == ETIMEDOUT ? CloseReason::connect_timeout : CloseReason::connect_refused);
}

/// connect_total is over.
void Connector::give_up() {
  if (fd_.is_open()) error_ = ETIMEDOUT;
  if (host_.route(link_).has_names && !asked_resolver_) host_.refresh(link_);  // for the sessions to come
  asked_resolver_ = true;
  exhausted();
}

void Connector::fail(CloseReason reason) {
  cancel();
  owner_.on_connect_failed(reason);
}

void Connector::cancel() {
  stop_waiting();
  abandon_attempt();
}

/// The handshake may be complete by now without our knowing: a plain close would then be a FIN, an empty but
/// clean request.
void Connector::abandon_attempt() {
  if (!fd_.is_open()) return;
  reset_on_close(fd_.borrow());
  fd_.reset();
}

}  // namespace amb
