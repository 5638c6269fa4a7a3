// SPDX-License-Identifier: Apache-2.0
//
// The oracle's judgement of how a session ended.
#include <algorithm>

#include "sim/oracle.h"

namespace amb::sim {

namespace {

bool is_reset_or_lost(const Connection& side) {
  return side.out.reset_sent || side.was_reset() || side.has_timed_out();
}

/// The one before it had neither answered nor had its time when this one was up.
bool is_second_of_a_race(const Pair& pair) {
  const std::size_t own = static_cast<std::size_t>(pair.leg() - pair.attempts.data());
  if (own == 0) return false;
  const Attempt& before = pair.attempts[own - 1];
  const Ms up_at = pair.leg()->connection->told_connected_at();
  const bool was_silent = before.answer == Answer::silent || before.answers_at > up_at;
  return was_silent && up_at < before.begun_at + pair.plan.limits.connect_timeout;
}

}  // namespace

void Oracle::check_ended(const Pair& pair, const CloseRecord& record) {
  require(pair.is_open && !pair.has_ended, "a session ended that was not open");
  const Connection* upstream = pair.upstream();
  const bool was_relaying = pair.was_relaying();
  if (was_relaying) {
    require(record.bytes_to_upstream == upstream->out.written,
            "the close record counts other bytes to the upstream");
    require(record.bytes_to_downstream == pair.downstream->out.written,
            "the close record counts other bytes to the downstream");
  }
  cover(pair, record.reason);
  check_reason(pair, record.reason);
  if (record.reason == CloseReason::eof) return check_clean(pair);
  check_resets(pair);
  if (!was_relaying) return;
  // The consumer's reset may be handled before the handshake's end that was told with it: nobody waits then.
  const bool is_new = upstream->told_connected_at() == kernel_.now() && pair.downstream->in.read == 0;
  // And a leg that was up at once may have been given up because it could not be watched.
  const bool was_given_up = kernel_.was_short_of_resources && pair.downstream->in.read == 0;
  if ((is_new || was_given_up) && record.reason == CloseReason::client_reset) return;
  const bool lost_client =
      record.reason == CloseReason::client_reset || record.reason == CloseReason::client_dead;
  const bool lost_upstream =
      record.reason == CloseReason::upstream_reset || record.reason == CloseReason::upstream_dead;
  if (lost_client) check_delivery(pair, *pair.downstream, *upstream);
  if (lost_upstream) check_delivery(pair, *upstream, *pair.downstream);
}

void Oracle::check_reason(const Pair& pair, CloseReason reason) {
  const Connection& downstream = *pair.downstream;
  const Connection* upstream = pair.upstream();
  const RouteLimits& limits = pair.plan.limits;
  const Ms now = kernel_.now();
  const auto is_dead = [&](const Connection& side) {
    return side.has_timed_out() ||
           (side.has_vanished() && now >= side.out.last_acknowledged + limits.dead_peer);
  };
  const bool has_upstream = upstream != nullptr;
  switch (reason) {
    case CloseReason::eof:
      return;
    case CloseReason::client_reset:
      return require(downstream.was_reset(), "client_reset, but no reset came from there");
    case CloseReason::upstream_reset:
      return require(has_upstream && upstream->was_reset(), "upstream_reset, but no reset came from there");
    case CloseReason::client_dead:
      return require(is_dead(downstream), "client_dead, but it lives");
    case CloseReason::upstream_dead:
      return require(has_upstream && is_dead(*upstream), "upstream_dead, but it lives");
    case CloseReason::idle_timeout:
      return require(
          has_upstream && limits.idle_timeout != 0 && now >= pair.last_moved() + limits.idle_timeout,
          "idle_timeout, but bytes moved not long ago");
    case CloseReason::halfclose_timeout:
      require(has_upstream && pair.half_closed_at() != 0, "halfclose_timeout, but no side had ended");
      return require(now >= std::max(pair.last_moved(), pair.half_closed_at()) + limits.half_close_timeout,
                     "halfclose_timeout, but a side ended or bytes moved not long ago");
    case CloseReason::connect_refused: {
      require(has_upstream && pair.may_have_one_endpoint(), "connect_refused, but there is not one endpoint");
      const Answer answer = pair.attempts.back().answer;
      return require(answer == Answer::refuses || answer == Answer::unreachable || answer == Answer::itself,
                     "connect_refused, but it was not");
    }
    case CloseReason::connect_timeout:
      return require(
          has_upstream && pair.may_have_one_endpoint() && now >= pair.opened_at + limits.connect_timeout,
          "connect_timeout, but there was time left");
    case CloseReason::no_upstream:
      return require(pair.may_have_other_endpoints() || !has_upstream,
                     "no_upstream, but there is one endpoint");
    case CloseReason::limit:
      return require(kernel_.was_short_of_resources, "limit, but nothing was short");
    case CloseReason::endpoint_down:
    case CloseReason::drain_deadline:
    case CloseReason::removed:
      return require(pair.cut == reason, "ended by the operator, who has not done so");
    case CloseReason::internal:
      return require(false, "internal");
  }
}

void Oracle::check_clean(const Pair& pair) {
  for (const Connection* side : {pair.downstream, pair.upstream()}) {
    require(side != nullptr && side->in.fin_read, "eof, but not both sides had ended");
    // One that was lost just before the last end cannot be told any more, nor can the other side.
    require(side->out.fin_written || side->is_lost(), "eof, but a side was not told");
    require(!side->out.reset_sent, "eof, but a side was reset");
    require(side->in.read == side->in.arrived, "eof, but bytes were left unread");
  }
  check_losers(pair);
  require(pair.downstream->in.read == pair.upstream()->out.written,
          "eof, but bytes to the upstream are missing");
  require(pair.upstream()->in.read == pair.downstream->out.written,
          "eof, but bytes to the downstream are missing");
}

/// Whoever lost the race has seen nothing, and no end either.
void Oracle::check_losers(const Pair& pair) {
  for (const Attempt& attempt : pair.attempts) {
    const Connection& side = *attempt.connection;
    if (&side == pair.upstream()) continue;
    require(side.in.read == 0 && side.out.written == 0, "an attempt that lost was used");
    require(!side.is_established() || is_reset_or_lost(side), "an attempt that lost looks like an end");
  }
}

/// What was no clean end must look like none.
void Oracle::check_resets(const Pair& pair) {
  for (const Attempt& attempt : pair.attempts) {
    const Connection& side = *attempt.connection;
    const bool was_ended = side.out.fin_written && side.in.fin_arrived;
    require(!side.is_established() || is_reset_or_lost(side) || was_ended,
            "a failure looks to the upstream like an end");
  }
  const Connection& side = *pair.downstream;
  const bool was_ended = side.out.fin_written && side.in.fin_arrived;
  require(is_reset_or_lost(side) || was_ended, "a failure looks to the downstream like an end");
}

void Oracle::check_delivery(const Pair& pair, const Connection& lost, const Connection& survivor) {
  if (survivor.was_reset() || survivor.has_timed_out() || survivor.has_vanished())
    return kernel_.saw(Seen::both_sides_lost);
  if (pair.cut) return;
  const Ms now = kernel_.now();
  // One that fell silent was given up when its silence was last looked at.
  const Ms lost_at = lost.told_lost_at() != 0 ? lost.told_lost_at() : lost.described_at();
  if (survivor.out.written == lost.in.arrived && survivor.unacknowledged() == 0) {
    if (lost_at < now && survivor.out.last_acknowledged > lost_at)
      kernel_.saw(Seen::reset_waited_for_delivery);
    return;
  }
  const Ms last_progress = std::max({survivor.out.last_write, survivor.out.last_acknowledged, lost_at});
  const bool may_give_up =
      now >= last_progress + pair.plan.limits.abort_flush || now >= lost_at + kDeliveryTotal;
  require(may_give_up, "a reset overtook bytes that the lost side had sent");
  kernel_.saw(Seen::delivery_given_up);
}

void Oracle::cover(const Pair& pair, CloseReason reason) {
  if (reason == CloseReason::internal) return;
  kernel_.saw(static_cast<Seen>(static_cast<int>(Seen::ended_eof) + static_cast<int>(reason)));
  const Connection* upstream = pair.upstream();
  if (upstream == nullptr) return;
  if (upstream->was_reset_unnoticed()) kernel_.saw(Seen::connected_and_reset_unnoticed);
  if (!pair.was_relaying()) return;
  check_losers(pair);
  if (pair.attempts.size() > 1) kernel_.saw(Seen::failed_over);
  if (pair.leg() != &pair.attempts.back()) kernel_.saw(Seen::first_of_a_race_won);
  if (is_second_of_a_race(pair)) kernel_.saw(Seen::second_of_a_race_won);
  if (reason != CloseReason::eof) return;
  const Connection& downstream = *pair.downstream;
  const Ms first_end = pair.half_closed_at();
  if (downstream.out.last_write > first_end || upstream->out.last_write > first_end) {
    kernel_.saw(Seen::bytes_after_half_close);
  }
}

}  // namespace amb::sim
