// SPDX-License-Identifier: Apache-2.0
//
// Where a session's walk begins: the policies. Each chooses among the available endpoints of the lowest tier
// that has any. No candidates at all is fine: the walk then begins at the first place and finds that out.
#include <algorithm>

#include "proxy/upstream.h"

namespace amb {

namespace {

constexpr std::uint64_t kLeastSharePercent = 10;  // of an endpoint that is just back

/// Sessions for each unit of weight, compared without dividing.
bool is_less_busy(std::uint64_t sessions, std::uint64_t weight, std::uint64_t other_sessions,
                  std::uint64_t other_weight) {
  return sessions * other_weight < other_sessions * weight;
}

}  // namespace

std::size_t Upstream::choose(Milliseconds now) {
  for (std::size_t begin = 0; begin < places_.size(); begin = places_[begin].tier_end) {
    const std::size_t end = places_[begin].tier_end;
    std::size_t first = begin;
    while (first < end && !is_available(state_at(first), now)) ++first;
    if (first == end) continue;
    switch (spreading_.policy) {
      case Policy::first:
        return state_at(first).endpoint.is_weighted ? draw(now, begin, end) : first;
      case Policy::round_robin:
        return choose_turn(now, begin, end);
      case Policy::least_sessions:
        return choose_least(now, begin, end);
      case Policy::random:
        return choose_drawn(now, begin, end);
    }
  }
  return 0;
}

/// An endpoint that is just back takes part the more often the longer it has been.
bool Upstream::takes_part(State& state, Milliseconds now) {
  if (!is_available(state, now)) return false;
  if (state.back_since == 0) return true;
  const Milliseconds since = now - state.back_since;
  if (since >= spreading_.slow_start) {
    state.back_since = 0;
    return true;
  }
  const std::uint64_t share = std::max(kLeastSharePercent, since * 100 / spreading_.slow_start);
  return std::uniform_int_distribution<std::uint64_t>(1, 100)(random_) <= share;
}

/// Turns of equal endpoints are numbered over all workers, so that they are spread evenly wherever the kernel
/// accepts. Those by weight each worker gives for itself, beginning with one that is drawn.
std::size_t Upstream::choose_turn(Milliseconds now, std::size_t begin, std::size_t end) {
  std::uint32_t partners = 0;
  bool are_equal = true, has_begun = false;
  const std::uint32_t weight = state_at(begin).endpoint.weight;
  for (std::size_t place = begin; place < end; ++place) {
    State& state = state_at(place);
    are_equal &= state.endpoint.weight == weight;
    has_begun |= state.credit != 0;
    state.takes_part = takes_part(state, now);
    if (state.takes_part) ++partners;
  }
  if (partners == 0) return draw(now, begin, end);
  if (!are_equal) return choose_weighted_turn(begin, end, has_begun ? end : draw(now, begin, end));
  std::uint32_t turn = spreading_.turns->fetch_add(1, std::memory_order_relaxed) % partners;
  for (std::size_t place = begin; place < end; ++place) {
    if (state_at(place).takes_part && turn-- == 0) return place;
  }
  return begin;
}

/// Everybody gains credit by weight, who has most goes next and pays what all have gained: turns that are
/// spread evenly whatever the weights. `first` goes first, unless it is `end`.
std::size_t Upstream::choose_weighted_turn(std::size_t begin, std::size_t end, std::size_t first) {
  std::size_t chosen = first;
  std::int64_t gained = 0;
  for (std::size_t place = begin; place < end; ++place) {
    State& state = state_at(place);
    if (!state.takes_part) continue;
    state.credit += state.endpoint.weight;
    gained += state.endpoint.weight;
    if (first == end && (chosen == end || state.credit > state_at(chosen).credit)) chosen = place;
  }
  state_at(chosen).credit -= gained;
  return chosen;
}

/// Equally busy ones take turns: the search begins at a drawn place.
std::size_t Upstream::choose_least(Milliseconds now, std::size_t begin, std::size_t end) {
  const std::size_t size = end - begin;
  const std::size_t from = std::uniform_int_distribution<std::size_t>(0, size - 1)(random_);
  std::size_t chosen = end;
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t place = begin + (from + i) % size;
    State& state = state_at(place);
    if (!takes_part(state, now)) continue;
    const bool is_better =
        chosen == end || is_less_busy(state.sessions, state.endpoint.weight, state_at(chosen).sessions,
                                      state_at(chosen).endpoint.weight);
    if (is_better) chosen = place;
  }
  return chosen == end ? draw(now, begin, end) : chosen;
}

/// The power of two choices: nearly as even as knowing everybody, and nobody is rushed at.
std::size_t Upstream::choose_drawn(Milliseconds now, std::size_t begin, std::size_t end) {
  const std::size_t one = draw(now, begin, end);
  const std::size_t other = draw(now, begin, end);
  const State& a = state_at(one);
  const State& b = state_at(other);
  return is_less_busy(b.sessions, b.endpoint.weight, a.sessions, a.endpoint.weight) ? other : one;
}

/// One of the available by weight; those that are just back count with their share.
std::size_t Upstream::draw(Milliseconds now, std::size_t begin, std::size_t end) {
  const auto share_of = [&](const State& state) -> std::uint64_t {
    if (!is_available(state, now)) return 0;
    const std::uint64_t full = std::uint64_t{state.endpoint.weight} * 100;
    if (state.back_since == 0 || now - state.back_since >= spreading_.slow_start) return full;
    const std::uint64_t percent = (now - state.back_since) * 100 / spreading_.slow_start;
    return std::uint64_t{state.endpoint.weight} * std::max(kLeastSharePercent, percent);
  };
  std::uint64_t all = 0;
  for (std::size_t place = begin; place < end; ++place) all += share_of(state_at(place));
  if (all == 0) return begin;
  std::uint64_t drawn = std::uniform_int_distribution<std::uint64_t>(0, all - 1)(random_);
  for (std::size_t place = begin; place < end; ++place) {
    const std::uint64_t share = share_of(state_at(place));
    if (drawn < share) return place;
    drawn -= share;
  }
  return begin;
}

}  // namespace amb
