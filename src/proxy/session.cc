// SPDX-License-Identifier: Apache-2.0
#include "proxy/session.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "net/socket.h"

namespace amb {

namespace {

/// A side that keepalive or the retransmission timer gave up on has not reset anything: it is dead. And where
/// our own memory ran out, no side is to blame.
CloseReason reason_of(Side side, int error) {
  if (error == ENOMEM || error == ENOBUFS) return CloseReason::limit;
  const bool is_dead = error == ETIMEDOUT || error == EHOSTUNREACH || error == ENETUNREACH;
  if (side == Side::downstream) return is_dead ? CloseReason::client_dead : CloseReason::client_reset;
  return is_dead ? CloseReason::upstream_dead : CloseReason::upstream_reset;
}

/// Null where there is none, or no memory for it.
std::unique_ptr<const TlsHello> copy_of(const TlsHello* hello) {
  try {
    return hello == nullptr ? nullptr : std::make_unique<const TlsHello>(*hello);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

Session::Session(SessionHost& host, LinkId link, UniqueFd downstream, const CompactAddress& peer)
    : host_(host),
      glimpse_(host.may_glimpse()),
      link_(link),
      legs_{Leg{*this, Side::downstream}, Leg{*this, Side::upstream}},
      connector_(host, *this, link),
      downstream_peer_(peer),
      opened_(host.loop().now()) {
  leg(Side::downstream).fd = std::move(downstream);
  relay(Direction::to_upstream).hurry_later();
}

void Session::start() {
  Leg& downstream = leg(Side::downstream);
  if (!host_.loop().add(downstream.fd.borrow(), kStreamEvents, downstream)) {
    error_ = errno;
    return expire(CloseReason::limit);
  }
  if (!is_held_back_) connector_.start();
}

void Session::let_go(bool is_looping) {
  is_held_back_ = false;
  if (!is_looping) return connector_.start();
  error_ = ELOOP;
  expire(CloseReason::no_upstream);
}

void Session::begin(SessionEvent event) {
  leg(Side::upstream).fd = connector_.take_fd();
  last_progress_ = waits_since_ = host_.loop().now();
  connect_ms_ = static_cast<std::uint32_t>(last_progress_ - opened_);
  host_.counts(link_).connect.add(connect_ms_);
  host_.counts(link_).connecting.connected(last_progress_);
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
  if (is_held_back_ && (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0) host_.on_held_back_end(mark_);
  if ((events & EPOLLERR) == 0) return;
  error_ = connect_error(leg(Side::downstream).fd.borrow());
  expire(reason_of(Side::downstream, error_));
}

void Session::apply(SessionEvent event, Direction direction, CloseReason reason) {
  const Phase before = state_.phase;
  const SessionActions actions = step(state_, event, direction, reason);
  if (before != Phase::aborting && state_.phase == Phase::aborting) begin_abort();
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
  const AppProtocol known_before = glimpse_.protocol();
  const RelayOutcome outcome =
      mover.advance({.source = input.fd.borrow(),
                     .sink = leg(sink(direction)).fd.borrow(),
                     .read_until_dry = input.read_until_dry || is_last_look,
                     .received = host_.receive_buffer(),
                     .buffers = host_.buffers(),
                     .pipes = &host_.pipes(),
                     .glimpse = glimpse_.is_over() ? nullptr : &glimpse_,
                     .direction = direction,
                     .may_wait = !is_last_look && host_.loop().more_events_follow()});
  if (glimpse_.protocol() != known_before) note_protocol();
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

void Session::note_protocol() {
  ++host_.counts(link_).protocols[static_cast<std::size_t>(glimpse_.protocol())];
}

/// The first of a direction. An answer is waited for since it was asked for, or, of who speaks without being
/// asked, since the connect.
void Session::note_first_bytes(Direction direction) {
  const Milliseconds now = last_progress_;
  if (direction == Direction::to_upstream) {
    if (relay(Direction::to_downstream).moved_bytes() == 0) waits_since_ = now;
    return;
  }
  host_.counts(link_).first_byte.add(now - opened_);
  host_.on_answered(link_);
  if (glimpse_.protocol() != AppProtocol::none)
    host_.answer_times(glimpse_.protocol()).add(now - waits_since_);
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
    if (!side.fd.is_open()) continue;
    if (actions.close_reset) {
      reset_on_close(side.fd.borrow());
    } else if (!end_on_close(side.fd.borrow())) {  // a filter's doing; that side will see a reset
      error_ = errno;
      state_.reason = CloseReason::limit;
    }
  }
  if (connect_ms_ == kNotConnected && error_ == 0) error_ = connector_.error();
  connector_.cancel();
  host_.loop().timers().cancel(*this);
  Deferred::unlink();
  for (Leg& side : legs_) side.fd.reset();
  for (Relay& mover : relays_) mover.drop_held();
  if (relay(Direction::to_downstream).moved_bytes() == 0) host_.on_answered(link_);
  const AppProtocol known_before = glimpse_.protocol();
  glimpse_.finish();
  if (glimpse_.protocol() != known_before) note_protocol();
  host_.on_session_closed(*this);
}

/// Aborting, and everything of ours is in the surviving side's kernel. Once its peer has acknowledged all of
/// it a reset can no longer take anything away.
void Session::await_delivery() {
  const Leg& survivor = leg(sink(from(state_.lost)));
  if (unacknowledged_bytes(survivor.fd.borrow()) == 0) apply(SessionEvent::delivered, from(state_.lost));
}

CloseRecord Session::close_record() const {
  const Milliseconds now = host_.loop().now();
  return {.link = link_,
          .reason = state_.reason,
          .was_connected = connect_ms_ != kNotConnected,
          .has_spliced = relays_[0].has_spliced() || relays_[1].has_spliced(),
          .error = error_,
          .downstream = downstream_peer_,
          .upstream = connector_.endpoint(),
          .bytes_to_upstream = relays_[index(Direction::to_upstream)].moved_bytes(),
          .bytes_to_downstream = relays_[index(Direction::to_downstream)].moved_bytes(),
          .protocol = glimpse_.protocol(),
          .hello = copy_of(glimpse_.hello()),
          .connect_time = connect_ms_ != kNotConnected ? connect_ms_ : now - opened_,
          .life_time = now - opened_};
}

}  // namespace amb
