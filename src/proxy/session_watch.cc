// SPDX-License-Identifier: Apache-2.0
//
// What time does to a session: how long nothing may move, how long a peer may be silent, and how long a lost
// side's last bytes may take.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/socket.h"
#include "proxy/session.h"

namespace amb {

namespace {

// While a lost side's last bytes are on their way to the other, its send queue is looked at this often: soon
// at first, since mostly it is empty at once, then rarely.
constexpr Milliseconds kFirstDeliveryLook = 5;
constexpr Milliseconds kLastDeliveryLook = 100;
constexpr Milliseconds kAbortTotal = 30'000;  // a delivery is given up after this in any case

}  // namespace

void Session::on_timer() {
  send_what_waits();
  if (!is_closed()) state_.phase == Phase::aborting ? watch_abort() : watch_activity();
}

void Session::begin_abort() {
  waits_since_ = last_progress_ = host_.loop().now();
  abort_remaining_ = ~std::uint32_t{0};  // the first look counts as progress, however late it comes
  host_.loop().timers().arm(*this, waits_since_ + kFirstDeliveryLook);
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
  if (has_stalled || now - waits_since_ >= kAbortTotal) return expire(state_.reason);
  const Milliseconds pause = std::clamp(now - waits_since_, kFirstDeliveryLook, kLastDeliveryLook);
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
  if (!is_kept_alive_) keep_alive(leg(Side::upstream).fd.borrow());
  is_kept_alive_ = true;
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

}  // namespace amb
