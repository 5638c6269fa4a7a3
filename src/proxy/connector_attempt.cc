// SPDX-License-Identifier: Apache-2.0
//
// One attempt to connect, and the race of two.
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <utility>

#include "net/socket.h"
#include "proxy/connector.h"

namespace amb {

namespace {

constexpr Milliseconds kHeadStart = 250;  // RFC 8305 section 5, "Connection Attempt Delay"

/// A handshake that is refused ends in ECONNREFUSED; these mean that it had been completed, and bytes that
/// our kernel has acknowledged may be waiting to be read.
bool is_reset_after_handshake(int error) { return error == ECONNRESET || error == EPIPE; }

/// These say something of the endpoint; all others are our own trouble.
bool is_of_endpoint(int error) {
  switch (error) {
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ETIMEDOUT:
    case EACCES:
    case EPERM:
    case ENOENT:  // a UNIX path
      return true;
    default:
      return false;
  }
}

}  // namespace

/// True when the attempt is under way or has succeeded at once.
bool Connector::begin(Attempt& attempt, Upstream::Slot slot, EventSource& events) {
  const SocketAddress& address = upstream().endpoint(slot).address;
  if (attempts_ < std::numeric_limits<std::uint16_t>::max()) ++attempts_;
  attempt.slot = slot;
  attempt.endpoint = CompactAddress(address);
  attempt.begun_ms = static_cast<std::uint32_t>(now());
  attempt.begun_in_turn = turn();
  ConnectResult result = try_connect(address);
  if (result.io.status == IoStatus::failed) {
    if (address.is_unix() && result.io.error == EAGAIN) walk_.met_full_queue = true;
    note_failure(attempt, result.io.error);
    abandon(attempt);
    return false;
  }
  attempt.fd = std::move(result.fd);
  if (!host_.loop().add(attempt.fd.borrow(), kStreamEvents, events)) {
    error_ = errno;
    abandon(attempt);
    return false;
  }
  if (result.io.status == IoStatus::done) {
    connected(attempt);
  } else {
    arm();
  }
  return true;
}

void Connector::on_attempt_events(Attempt& attempt, std::uint32_t events) {
  // What is heard in the turn that an attempt begins in is meant for the socket of the one before: the new
  // one was not watched yet when this turn's events were fetched.
  if (!attempt.fd.is_open() || attempt.begun_in_turn == turn()) return;
  // EPOLLOUT without trouble is a finished handshake; a hang-up alone is no verdict, so the kernel is asked.
  const bool in_trouble = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (!in_trouble && (events & EPOLLOUT) == 0) return;
  const int error = in_trouble ? connect_error(attempt.fd.borrow()) : 0;
  if (is_reset_after_handshake(error)) {
    if (win(attempt)) owner_.on_connected_lost(error);
    return;
  }
  if (error != 0) return lost(attempt, error);
  if ((events & EPOLLOUT) == 0) return;
  if (!upstream().endpoint(attempt.slot).is_up) return lost(attempt, ECONNREFUSED);  // a check has found out
  // A connect to an ephemeral port of this host that nobody listens on can meet itself.
  const std::uint16_t port = attempt.endpoint.port();
  if (may_meet_itself(port) && is_self_connected(attempt.fd.borrow(), port))
    return lost(attempt, ECONNREFUSED);
  connected(attempt);
}

void Connector::connected(Attempt& attempt) {
  if (win(attempt)) owner_.on_connected();
}

/// The winner becomes the session's leg and everything else ends. False when that fails after all.
bool Connector::win(Attempt& attempt) {
  if (&attempt != &attempt_) {
    note_failure(attempt_, ETIMEDOUT);  // it had its head start and has still not answered
    abandon(attempt_);
    if (!promote_rival()) {
      fail(CloseReason::limit);
      return false;
    }
  }
  if (has_rival()) abandon(rival_->attempt);
  stop_waiting();
  if (upstream().connected(attempt_.slot, now())) host_.on_endpoint_back(link_, attempt_.endpoint);
  return true;
}

void Connector::note_failure(const Attempt& attempt, int error) {
  error_ = error;
  if (!is_of_endpoint(error)) return;
  if (host_.route(link_).is_checked && upstream().is_failure_news(attempt.slot, now()))
    host_.on_endpoint_failed(link_, attempt.endpoint);
  if (upstream().failed(attempt.slot, now())) host_.on_endpoint_ejected(link_, attempt.endpoint, error);
}

/// The handshake may be complete by now without our knowing: a plain close would then be a FIN, an empty but
/// clean request.
void Connector::abandon(Attempt& attempt) {
  if (attempt.fd.is_open()) {
    reset_on_close(attempt.fd.borrow());
    attempt.fd.reset();
  }
  upstream().release(std::exchange(attempt.slot, Upstream::kNoSlot));
}

void Connector::lost(Attempt& attempt, int error) {
  note_failure(attempt, error);
  abandon(attempt);
  const bool goes_on = &attempt != &attempt_ || (has_rival() && promote_rival());
  if (goes_on) return arm();
  host_.loop().timers().cancel(*this);
  try_next();
}

/// The rival's socket becomes the leg's, whose events it gets from now on: those of this turn that still name
/// the leg are of the one before. Whatever is true of the socket by now is told again.
bool Connector::promote_rival() {
  Attempt& rival = rival_->attempt;
  attempt_ = {.fd = std::move(rival.fd),
              .slot = std::exchange(rival.slot, Upstream::kNoSlot),
              .endpoint = rival.endpoint,
              .begun_in_turn = turn(),
              .begun_ms = rival.begun_ms};
  if (host_.loop().modify(attempt_.fd.borrow(), kStreamEvents, owner_.upstream_events())) return true;
  error_ = errno;
  abandon(attempt_);
  return false;
}

/// Only beside an address of the same name, and after its head start.
bool Connector::may_race() {
  if (!attempt_.fd.is_open() || has_rival() || now() < begun(attempt_) + kHeadStart) return false;
  const std::uint32_t group = upstream().endpoint(attempt_.slot).race_group;
  const auto next = group == 0 || is_walk_over() ? std::nullopt : upstream().peek(walk_, now());
  return next && upstream().endpoint(*next).race_group == group;
}

void Connector::start_rival() {
  if (rival_ == nullptr) rival_.reset(new (std::nothrow) Rival(*this));
  if (rival_ == nullptr) return;  // no memory, no race
  while (may_race()) {
    const auto slot = upstream().next(walk_, now());
    if (!slot) return;
    if (begin(rival_->attempt, *slot, *rival_)) return;
  }
}

/// When an attempt has had its time. The last endpoint may use all that is left, unless the resolver could
/// still name a better one.
Milliseconds Connector::until(const Attempt& attempt) {
  const Milliseconds limit = begun(attempt) + limits().connect_timeout;
  const bool has_successor = may_ask() || has_rival() || has_next();
  return has_successor ? std::min(limit, give_up_) : give_up_;
}

void Connector::arm() {
  Milliseconds due = until(attempt_);
  if (has_rival()) {
    due = std::min(due, until(rival_->attempt));
  } else if (const Milliseconds head_start = begun(attempt_) + kHeadStart; now() < head_start) {
    const std::uint32_t group = upstream().endpoint(attempt_.slot).race_group;
    if (group != 0) due = std::min(due, head_start);
  }
  host_.loop().timers().arm(*this, due);
}

}  // namespace amb
