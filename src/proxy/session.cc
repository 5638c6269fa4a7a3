// SPDX-License-Identifier: Apache-2.0
#include "proxy/session.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/socket.h"

namespace amb {

namespace {

// While a lost side's last bytes are on their way to the other, its send queue is looked at this often: soon
// at first, since mostly it is empty at once, then rarely.
constexpr Milliseconds kFirstDeliveryLook = 5;
constexpr Milliseconds kLastDeliveryLook = 100;
constexpr Milliseconds kAbortTotal = 30'000;  // a delivery is given up after this in any case

/// A side that keepalive or the retransmission timer gave up on has not reset anything: it is dead. And where
/// our own memory ran out, no side is to blame.
CloseReason reason_of(Side side, int error) {
  if (error == ENOMEM || error == ENOBUFS) return CloseReason::limit;
  const bool is_dead = error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH;
  if (side == Side::downstream) return is_dead ? CloseReason::client_dead : CloseReason::client_reset;
  return is_dead ? CloseReason::upstream_dead : CloseReason::upstream_reset;
}

}  // namespace

Session::Session(SessionHost& host, LinkId link, UniqueFd downstream, const CompactAddress& peer)
    : host_(host),
      link_(link),
      legs_{Leg{*this, Side::downstream}, Leg{*this, Side::upstream}},
      connector_(host, *this, link),
      downstream_peer_(peer),
      opened_(host.loop().now()) {
  leg(Side::downstream).fd = std::move(downstream);
}

void Session::start() {
  Leg& downstream = leg(Side::downstream);
  if (!host_.loop().add(downstream.fd.borrow(), kStreamEvents, downstream)) {
    error_ = errno;
    return expire(CloseReason::limit);
  }
  connector_.start();
}

void Session::begin(SessionEvent event) {
  leg(Side::upstream).fd = connector_.take_fd();
  last_progress_ = host_.loop().now();
  connect_ms_ = static_cast<std::uint32_t>(last_progress_ - opened_);
  host_.counts(link_).connect.add(connect_ms_);
  if (quiet_limit() != 0) host_.loop().timers().arm(*this, last_progress_ + quiet_limit());
  apply(event, Direction::to_upstream);
}

void Session::on_leg_events(Leg& leg, std::uint32_t events) {
  send_what_waits();
  if (is_closed() || (leg.side == Side::upstream && connector_.is_leg_new())) return;
  if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI)) != 0) leg.read_until_dry = true;
  if (state_.phase == Phase::connecting) {
    if (leg.side == Side::downstream) return on_early_events(events);
    connector_.on_upstream_events(events);
    // The same events may tell of first bytes, unless they were of an attempt before the one that succeeded.
    if (state_.phase != Phase::relaying || connector_.is_leg_new()) return;
  }
  if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) flush(towards(leg.side));
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) advance(from(leg.side));
  // Lost, though no read has said so: its input had ended, or is not read while the other side is slow.
  if ((events & EPOLLERR) != 0 && state_.phase == Phase::relaying) {
    output_failed(towards(leg.side), connect_error(leg.fd.borrow()));
  }
}

/// The downstream's, before there is an upstream. A FIN is only a short request (`nc -z`, `echo | nc`); a
/// reset means that nobody waits any more.
void Session::on_early_events(std::uint32_t events) {
  if ((events & EPOLLERR) == 0) return;
  error_ = connect_error(leg(Side::downstream).fd.borrow());
  expire(reason_of(Side::downstream, error_));
}

void Session::apply(SessionEvent event, Direction direction, CloseReason reason) {
  const Phase before = state_.phase;
  const SessionActions actions = step(state_, event, direction, reason);
  if (before != Phase::aborting && state_.phase == Phase::aborting) {
    abort_started_ = last_progress_ = host_.loop().now();
    abort_remaining_ = ~std::uint32_t{0};  // the first look counts as progress, however late it comes
    host_.loop().timers().arm(*this, abort_started_ + kFirstDeliveryLook);
  }
  if (actions.drop_held) relay(towards(state_.lost)).drop_held();
  if (!actions.close_clean) {  // closing says the second FIN by itself
    if (actions.fin_to_upstream) send_fin(Direction::to_upstream);
    if (actions.fin_to_downstream) send_fin(Direction::to_downstream);
  }
  // A fresh upstream leg has been watched since before its handshake: whatever it says comes as an event.
  if (actions.read) event == SessionEvent::connected ? advance(Direction::to_upstream) : read_both();
  if (actions.await_delivery) await_delivery();
  if (actions.close_clean || actions.close_reset) close(actions);
}

void Session::send_fin(Direction direction) {
  Leg& to = leg(sink(direction));
  to.checked_bytes = ~std::uint64_t{0};  // the FIN wants an acknowledgement too
  if (const int error = shutdown_write(to.fd.borrow()); error != 0) return output_failed(direction, error);
  if (state_.phase != Phase::relaying) return;
  last_progress_ = host_.loop().now();  // a half-closed session's time begins here, however long it was quiet
  host_.loop().timers().arm(*this, last_progress_ + quiet_limit());
}

void Session::advance(Direction direction) {
  Relay& mover = relay(direction);
  if (mover.is_waiting()) send_waiting(direction);
  if (!state_.may_read(direction)) return;
  Leg& input = leg(source(direction));
  const bool is_last_look =
      state_.phase == Phase::aborting;  // a lost side sends nothing more: dry is all there was
  const std::uint64_t moved_before = mover.moved_bytes();
  const RelayOutcome outcome =
      mover.advance({.source = input.fd.borrow(),
                     .sink = leg(sink(direction)).fd.borrow(),
                     .read_until_dry = input.read_until_dry || is_last_look,
                     .received = host_.receive_buffer(),
                     .buffers = host_.buffers(),
                     .pipes = &host_.pipes(),
                     .may_wait = !is_last_look && host_.loop().more_events_follow()});
  note_progress(direction, moved_before);
  switch (outcome) {
    case RelayOutcome::dry:
      if (is_last_look) apply(SessionEvent::input_end, direction);
      return;
    case RelayOutcome::spent:
      is_spent_[index(direction)] = true;
      return host_.loop().defer(*this);
    case RelayOutcome::waiting:
      return host_.loop().defer(*this);
    case RelayOutcome::held:
      return apply(SessionEvent::held, direction);
    case RelayOutcome::input_end:
      return apply(SessionEvent::input_end, direction);
    case RelayOutcome::input_failed:
      return input_failed(direction, mover.error());
    case RelayOutcome::output_failed:
      return output_failed(direction, mover.error());
  }
}

void Session::on_deferred() {
  send_what_waits();
  for (const Direction direction : kBothDirections) {
    if (std::exchange(is_spent_[index(direction)], false)) advance(direction);
  }
}

/// Before anything else happens to the session: a message that waits is as good as sent.
void Session::send_what_waits() {
  for (const Direction direction : kBothDirections) {
    if (relay(direction).is_waiting()) send_waiting(direction);
  }
}

void Session::send_waiting(Direction direction) {
  Relay& mover = relay(direction);
  const std::uint64_t moved_before = mover.moved_bytes();
  const RelayOutcome outcome = mover.send_waiting(leg(sink(direction)).fd.borrow(), host_.buffers());
  note_progress(direction, moved_before);
  if (outcome == RelayOutcome::held) apply(SessionEvent::held, direction);
  if (outcome == RelayOutcome::output_failed) output_failed(direction, mover.error());
}

void Session::flush(Direction direction) {
  Relay& mover = relay(direction);
  if (!mover.holds_bytes()) return;
  const std::uint64_t moved_before = mover.moved_bytes();
  const RelayOutcome outcome = mover.flush(leg(sink(direction)).fd.borrow(), host_.buffers());
  note_progress(direction, moved_before);
  if (outcome == RelayOutcome::output_failed) return output_failed(direction, mover.error());
  if (outcome == RelayOutcome::held) return;
  apply(SessionEvent::flushed, direction);
  advance(direction);  // the source's edge may have passed while its bytes were not wanted
}

void Session::input_failed(Direction direction, int error) {
  if (state_.phase == Phase::relaying) error_ = error;
  apply(SessionEvent::input_failed, direction, reason_of(source(direction), error));
}

void Session::output_failed(Direction direction, int error) {
  if (state_.phase == Phase::relaying) error_ = error;
  apply(SessionEvent::output_failed, direction, reason_of(sink(direction), error));
}

void Session::close(const SessionActions& actions) {
  for (const Leg& side : legs_) {
    if (actions.close_reset && side.fd.is_open()) reset_on_close(side.fd.borrow());
  }
  if (connect_ms_ == kNotConnected && error_ == 0) error_ = connector_.error();
  connector_.cancel();
  host_.loop().timers().cancel(*this);
  Deferred::unlink();
  for (Leg& side : legs_) side.fd.reset();
  for (Relay& mover : relays_) mover.drop_held();
  host_.on_session_closed(*this);
}

/// Aborting, and everything of ours is in the surviving side's kernel. Once its peer has acknowledged all of
/// it a reset can no longer take anything away.
void Session::await_delivery() {
  const Leg& survivor = leg(sink(from(state_.lost)));
  if (unacknowledged_bytes(survivor.fd.borrow()) == 0) apply(SessionEvent::delivered, from(state_.lost));
}

void Session::on_timer() {
  send_what_waits();
  if (!is_closed()) state_.phase == Phase::aborting ? watch_abort() : watch_activity();
}

void Session::watch_abort() {
  const Milliseconds now = host_.loop().now();
  const Direction direction = from(state_.lost);
  const auto remaining = static_cast<std::uint32_t>(unacknowledged_bytes(leg(sink(direction)).fd.borrow()));
  if (remaining < std::exchange(abort_remaining_, remaining)) last_progress_ = now;
  if (remaining == 0 && !relay(direction).holds_bytes() && state_.half[index(direction)] != Half::open) {
    return apply(SessionEvent::delivered, direction);
  }
  const bool has_stalled = now - last_progress_ >= limits().abort_flush;
  if (has_stalled || now - abort_started_ >= kAbortTotal) return expire(state_.reason);
  const Milliseconds pause = std::clamp(now - abort_started_, kFirstDeliveryLook, kLastDeliveryLook);
  host_.loop().timers().arm(*this, now + pause);
}

void Session::watch_activity() {
  // The process may have been stopped or starved: take what has come in the meantime before judging.
  read_both();
  if (is_closed() || state_.phase == Phase::aborting) return;
  const Milliseconds limit = quiet_limit();
  if (limit == 0) return;
  if (host_.loop().now() < last_progress_ + limit) {
    return host_.loop().timers().arm(*this, last_progress_ + limit);
  }
  error_ = ETIMEDOUT;
  expire(limit == limits().idle_timeout ? CloseReason::idle_timeout : CloseReason::halfclose_timeout);
}

/// How long no byte may move just now; 0 is for ever.
Milliseconds Session::quiet_limit() {
  const Milliseconds idle = limits().idle_timeout;
  if (!state_.is_half_closed()) return idle;
  const Milliseconds half_close = limits().half_close_timeout;
  return idle == 0 ? half_close : std::min(idle, half_close);
}

void Session::watch_peers() {
  send_what_waits();
  if (state_.phase != Phase::relaying) return;
  if (!std::exchange(is_kept_alive_, true)) keep_alive(leg(Side::upstream).fd.borrow());
  for (const Side side : {Side::downstream, Side::upstream}) {
    if (!is_silent(leg(side), limits().dead_peer)) continue;
    return output_failed(towards(side), ETIMEDOUT);  // what it had sent may still be unread
  }
}

/// TCP_USER_TIMEOUT would also end a live peer whose window is closed, so the age of unacknowledged bytes is
/// watched here instead.
bool Session::is_silent(Leg& leg, Milliseconds limit) {
  const std::uint64_t sent = relay(towards(leg.side)).moved_bytes();
  if (leg.silent_since == 0 && leg.checked_bytes == sent) return false;
  const PeerSilence silence = peer_silence(leg.fd.borrow());
  const Milliseconds now = host_.loop().now();
  if (!silence.waits_for_ack) {
    if (!silence.has_unsent) leg.checked_bytes = sent;  // behind a closed window a peer may vanish unseen
    leg.silent_since = 0;
    return false;
  }
  const Milliseconds last_ack =
      now - std::min(now, static_cast<Milliseconds>(silence.since_last_ack.count()));
  if (leg.silent_since == 0 || last_ack >= leg.silent_since) leg.silent_since = now;
  return now - leg.silent_since >= limit;
}

CloseRecord Session::close_record() const {
  const Milliseconds now = host_.loop().now();
  return {.link = link_,
          .reason = state_.reason,
          .has_spliced = relays_[0].has_spliced() || relays_[1].has_spliced(),
          .error = error_,
          .downstream = downstream_peer_,
          .upstream = connector_.endpoint(),
          .bytes_to_upstream = relays_[index(Direction::to_upstream)].moved_bytes(),
          .bytes_to_downstream = relays_[index(Direction::to_downstream)].moved_bytes(),
          .connect_time = connect_ms_ != kNotConnected ? connect_ms_ : now - opened_,
          .life_time = now - opened_};
}

}  // namespace amb
