// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream.h"

#include <algorithm>
#include <limits>

namespace amb {

namespace {

constexpr std::uint16_t kLongestBackOff = 8;  // times eject_for
constexpr Milliseconds kTellAgain = 100;
constexpr std::size_t kMostPlaces = std::numeric_limits<std::uint16_t>::max();

}  // namespace

Upstream::Upstream(const Spreading& spreading, std::uint32_t seed) : random_(seed) { respread(spreading); }

void Upstream::respread(const Spreading& spreading) {
  spreading_ = spreading;
  if (!spreading_.turns) spreading_.turns = std::make_shared<TurnCounter>(0);
}

Upstream::Slot Upstream::slot_of(const SocketAddress& address) const {
  const auto same = [&](const State& state) { return state.is_listed && state.endpoint.address == address; };
  const auto found = std::ranges::find_if(states_, same);
  return found == states_.end() ? kNoSlot : static_cast<Slot>(found - states_.begin());
}

/// One that sessions still hold keeps its slot, and what is known of it, when its address comes back.
Upstream::Slot Upstream::take_slot(const SocketAddress& address) {
  const auto same = [&](const State& state) {
    return (state.is_listed || state.sessions > 0) && state.endpoint.address == address;
  };
  if (const auto found = std::ranges::find_if(states_, same); found != states_.end())
    return static_cast<Slot>(found - states_.begin());
  if (!free_.empty()) {
    const Slot slot = free_.back();
    free_.pop_back();
    states_[slot] = {};
    return slot;
  }
  states_.emplace_back();
  return static_cast<Slot>(states_.size() - 1);
}

bool Upstream::replace(const std::vector<Endpoint>& endpoints, Milliseconds now) {
  const auto as_listed = [this](const Place& place) -> const Endpoint& {
    return states_[place.slot].endpoint;
  };
  std::vector<Endpoint> sorted(endpoints.begin(), endpoints.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                          endpoints.size(), kMostPlaces)));
  for (auto next = sorted.begin(); next != sorted.end(); ++next) {  // mostly in order already
    const auto place = std::ranges::upper_bound(sorted.begin(), next, next->tier, {}, &Endpoint::tier);
    std::rotate(place, next, next + 1);
  }
  if (generation_ != 0 && std::ranges::equal(places_, sorted, {}, as_listed)) return false;

  const bool is_first = generation_ == 0;
  std::vector<Slot> slots;
  for (const Endpoint& endpoint : sorted) {
    const Slot slot = take_slot(endpoint.address);
    State& state = states_[slot];
    const bool is_back = !is_first && endpoint.is_up && (!state.is_listed || !state.endpoint.is_up);
    if (is_back) state.back_since = now;
    list(state, endpoint);
    slots.push_back(slot);
  }
  for (const Place& place : places_) {
    if (std::ranges::count(slots, place.slot) != 0) continue;
    states_[place.slot].is_listed = false;
    free_if_unused(place.slot);
  }
  free_.reserve(states_.size());  // release() must not allocate
  list_places(slots);
  ++generation_;
  return true;
}

/// Sessions that it has count towards the limit that it has now.
void Upstream::list(State& state, const Endpoint& endpoint) {
  if (state.endpoint.budget != endpoint.budget) {
    if (state.endpoint.budget != nullptr) state.endpoint.budget->give_back(state.sessions);
    if (endpoint.budget != nullptr) endpoint.budget->take_over(state.sessions);
  }
  state.endpoint = endpoint;
  state.is_listed = true;
}

void Upstream::list_places(const std::vector<Slot>& slots) {
  places_.clear();
  for (std::size_t begin = 0; begin < slots.size();) {
    const std::uint16_t tier = states_[slots[begin]].endpoint.tier;
    std::size_t end = begin;
    while (end < slots.size() && states_[slots[end]].endpoint.tier == tier) ++end;
    for (std::size_t place = begin; place < end; ++place)
      places_.push_back({slots[place], static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(end)});
    begin = end;
  }
}

void Upstream::free_if_unused(Slot slot) {
  State& state = states_[slot];
  if (!state.is_listed && state.sessions == 0) free_.push_back(slot);
}

bool Upstream::is_available(const State& state, Milliseconds now) const {
  return state.endpoint.is_up && now >= state.ejected_until;  // one that may be probed is available
}

bool Upstream::fits(const Walk& walk, const State& state, Milliseconds now) const {
  return walk.is_last_resort ? state.endpoint.is_up : is_available(state, now);
}

/// The first one's tier from there around, then the tiers behind it, then those before.
std::size_t Upstream::place_in_walk(const Walk& walk) const {
  const std::size_t begin = places_[walk.first].tier_begin;
  const std::size_t end = places_[walk.first].tier_end;
  if (walk.taken < end - begin) return begin + (walk.first - begin + walk.taken) % (end - begin);
  const std::size_t behind = begin + walk.taken;
  return behind < places_.size() ? behind : behind - places_.size();
}

/// To the next place that fits; false when there is none.
bool Upstream::advance(Walk& walk, Milliseconds now) {
  for (; walk.taken < places_.size(); ++walk.taken) {
    if (fits(walk, state_at(place_in_walk(walk)), now)) return true;
  }
  return false;
}

void Upstream::begin(Walk& walk, Milliseconds now) {
  const auto available = [&](const Place& place) { return is_available(states_[place.slot], now); };
  walk.has_begun = true;
  walk.is_last_resort = std::ranges::none_of(places_, available);
  walk.first = static_cast<std::uint16_t>(choose(now));
}

std::optional<Upstream::Slot> Upstream::next(Walk& walk, Milliseconds now) {
  if (places_.empty()) return std::nullopt;
  if (!walk.has_begun) begin(walk, now);
  while (advance(walk, now)) {
    const Slot slot = places_[place_in_walk(walk)].slot;
    ++walk.taken;
    State& state = states_[slot];
    if (state.endpoint.budget != nullptr && !state.endpoint.budget->take()) {
      walk.met_limit = true;
      continue;
    }
    ++state.sessions;
    // This session probes; the others go on passing it over until it is known how that went.
    if (state.ejected_until != 0) state.ejected_until = now + spreading_.eject_for;
    return slot;
  }
  return std::nullopt;
}

std::optional<Upstream::Slot> Upstream::peek(Walk walk, Milliseconds now) {
  if (places_.empty() || !walk.has_begun || !advance(walk, now)) return std::nullopt;
  return places_[place_in_walk(walk)].slot;
}

void Upstream::release(Slot slot) {
  State& state = states_[slot];
  --state.sessions;
  if (state.endpoint.budget != nullptr) state.endpoint.budget->give_back();
  free_if_unused(slot);
}

bool Upstream::connected(Slot slot, Milliseconds now) {
  State& state = states_[slot];
  state.failures = state.ejections = 0;
  if (state.ejected_until == 0) return false;
  state.ejected_until = 0;
  state.back_since = now;
  return true;
}

/// A link's only endpoint is never ejected: there is nobody else to go to.
bool Upstream::failed(Slot slot, Milliseconds now) {
  State& state = states_[slot];
  if (spreading_.eject_after == 0 || places_.size() < 2) return false;
  if (state.failures < spreading_.eject_after) ++state.failures;
  if (state.failures < spreading_.eject_after) return false;
  const bool was_ejected = state.ejected_until != 0;
  const auto times =
      std::min<std::uint32_t>(1U << std::min<std::uint16_t>(state.ejections, 8), kLongestBackOff);
  state.ejected_until = now + jittered(spreading_.eject_for * times);
  if (state.ejections < kLongestBackOff) ++state.ejections;
  return !was_ejected;
}

bool Upstream::is_failure_news(Slot slot, Milliseconds now) {
  State& state = states_[slot];
  if (state.failure_told != 0 && now - state.failure_told < kTellAgain) return false;
  state.failure_told = now;
  return true;
}

Milliseconds Upstream::jittered(Milliseconds span) {
  if (span < 2) return span;
  return std::uniform_int_distribution<Milliseconds>(span - span / 2, span + span / 2)(random_);
}

}  // namespace amb
