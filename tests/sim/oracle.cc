// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle.h"

#include <algorithm>

#include "proxy/relay.h"

namespace amb::sim {

namespace {

constexpr std::uint64_t kMostBytesInHands = 1024 * 1024;  // one pipe, or one chunk, which is less
constexpr Ms kDeliveryLook = 100;
constexpr Ms kTick = 2;  // a timer that is armed for the past fires in the next millisecond

/// The program has been told that this side is gone, or has had the time to find out.
bool is_known_lost(const Pair& pair, const Connection& side, Ms now) {
  if (side.told_lost_at() != 0) return true;
  return side.has_vanished() && now >= side.out.last_acknowledged + pair.plan.limits.dead_peer;
}

/// The second of a race took the place of the first in the turn that told of both: it is told of once more.
bool is_about_to_begin(const Pair& pair) {
  const bool is_unused = pair.downstream->in.read == 0 && pair.upstream()->in.read == 0;
  return pair.attempts.size() > 1 && is_unused && pair.upstream()->is_ready();
}

}  // namespace

Oracle::Oracle(Kernel& kernel, std::vector<Pair>& pairs) : kernel_(kernel), pairs_(pairs) {}

void Oracle::on_fin(Connection& connection) {
  for (const Pair& pair : pairs_) {
    const Connection* source = nullptr;
    if (&connection == pair.downstream) source = pair.upstream();
    if (&connection == pair.upstream()) source = pair.downstream;
    if (source == nullptr) continue;
    require(source->in.fin_read, "an end was made up: the other side has not ended");
    require(connection.out.written == source->in.read, "an end overtook its bytes");
    return;
  }
  kernel_.fail("an end was made up: the connection was given up before");
}

void Oracle::check_asleep(std::size_t kept_bytes) {
  for (const Pair& pair : pairs_) {
    if (!pair.is_open) continue;
    if (!pair.is_relaying()) {
      require(pair.downstream->in.read == 0, "bytes were read before there was anywhere to send them");
      require(kernel_.now() < pair.opened_at + pair.plan.limits.connect_total + kTick,
              "connecting took too long");
      continue;
    }
    if (is_about_to_begin(pair)) continue;
    check_awake(pair, *pair.downstream, *pair.upstream());
    check_awake(pair, *pair.upstream(), *pair.downstream);
    check_timers(pair);
  }
  check_memory(kept_bytes);
}

void Oracle::check_awake(const Pair& pair, const Connection& source, const Connection& sink) {
  if (is_known_lost(pair, sink, kernel_.now())) return;
  const std::uint64_t in_hands = source.in.read - sink.out.written;
  require(in_hands <= kMostBytesInHands, "more bytes are kept than one pipe takes");
  if (in_hands > 0) {
    require(sink.is_ready() || !sink.is_writeable(), "asleep, though kept bytes have room at the sink");
    return;
  }
  if (source.is_ready()) return;
  require(source.unread() == 0, "asleep, though the source has bytes and nothing is kept");
  const bool has_end = source.in.fin_arrived && !source.in.fin_read && !source.is_lost();
  require(!has_end, "asleep, though the source has ended and nothing is kept");
}

Ms Oracle::quiet_limit(const Pair& pair) const {
  const RouteLimits& limits = pair.plan.limits;
  if (pair.half_closed_at() == 0) return limits.idle_timeout;
  return limits.idle_timeout == 0 ? limits.half_close_timeout
                                  : std::min(limits.idle_timeout, limits.half_close_timeout);
}

void Oracle::check_timers(const Pair& pair) {
  const Ms now = kernel_.now();
  for (const Connection* side : {pair.downstream, pair.upstream()}) {
    const bool is_late =
        side->told_lost_at() != 0 && now >= side->told_lost_at() + kDeliveryTotal + kDeliveryLook + kTick;
    require(!is_late, "the delivery after a loss is not given up");
    const Ms dead_peer = pair.plan.limits.dead_peer;
    const bool is_silent = side->has_vanished() && !side->is_lost() && side->unacknowledged() > 0;
    const Ms silent_since = std::max({side->vanished_at(), side->out.last_write, pair.half_closed_at()});
    // Seen a twentieth late, timed with the same grain; then what it had sent is delivered.
    const Ms most = dead_peer + dead_peer / 10 + kDeliveryTotal + kDeliveryLook + 1000 + kernel_.stopped();
    require(!is_silent || now < silent_since + most, "a peer that acknowledges nothing is not noticed");
  }
  const bool is_aborting = pair.has_lost_side() || is_known_lost(pair, *pair.downstream, now) ||
                           is_known_lost(pair, *pair.upstream(), now);
  const Ms limit = quiet_limit(pair);
  if (is_aborting || limit == 0) return;
  const Ms since = std::max(pair.last_moved(), pair.half_closed_at());
  require(now < since + limit + kTick, "a quiet session is kept for longer than its limit");
}

void Oracle::check_memory(std::size_t kept_bytes) {
  std::size_t directions = 0;
  for (const Pair& pair : pairs_) {
    if (!pair.is_relaying()) continue;
    if (pair.downstream->in.read > pair.upstream()->out.written) ++directions;
    if (pair.upstream()->in.read > pair.downstream->out.written) ++directions;
  }
  require(kept_bytes <= directions * kMostBytesInHands, "a direction that keeps no bytes keeps a buffer");
}

bool Oracle::is_nothing_kept() const {
  return std::ranges::none_of(pairs_, [](const Pair& pair) {
    return pair.is_relaying() && (pair.downstream->in.read > pair.upstream()->out.written ||
                                  pair.upstream()->in.read > pair.downstream->out.written);
  });
}

bool Oracle::ends_by_itself(const Pair& pair) const {
  if (!pair.is_open) return false;
  if (!pair.is_relaying() || pair.plan.limits.idle_timeout != 0 || pair.has_lost_side()) return true;
  if (pair.downstream->has_vanished() || pair.upstream()->has_vanished()) return true;
  return pair.half_closed_at() != 0 && pair.plan.limits.half_close_timeout <= 60'000;
}

void Oracle::check_finally() {
  for (const Pair& pair : pairs_) {
    require(!pair.is_open, "a session never ended");
    if (!pair.has_ended || pair.upstream() == nullptr) continue;
    for (const Connection* side : {pair.downstream, pair.upstream()}) {
      const bool is_complete = side->out.fin_delivered && side->out.read == side->out.written;
      const bool is_excused = side->in.reset_sent || side->has_vanished() || side->is_lost();
      const bool was_ended = side->out.fin_written && !side->out.reset_sent;
      require(!was_ended || is_complete || is_excused, "what was sent and ended never arrived");
    }
  }
}

}  // namespace amb::sim
