// SPDX-License-Identifier: Apache-2.0
//
// The endpoints of one link as one worker knows them: which is up, how busy each is, which has failed of
// late; and the order in which a session tries them. No system call, no clock, and no allocation but in
// replace().
//
// A session walks: the policy chooses where it begins, the rest of that tier follows, then the tiers behind.
// Ejected endpoints are passed over; a walk that begins when there are no others goes through them, for a try
// is better than none. Those that active checks found down are never tried.
//
//   listed ──eject_after failures──▶ ejected ──eject_for──▶ one session may probe ──connected──▶ listed
//                                       ▲                            │
//                                       └────────── failed ──────────┘  (for twice as long, up to 8 times)
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "proxy/route.h"

namespace amb {

class Upstream {
 public:
  /// Names an endpoint for as long as somebody holds it or it is listed.
  using Slot = std::uint32_t;
  static constexpr Slot kNoSlot = ~Slot{0};

  /// How far a session has come. A fresh one begins anew.
  struct Walk {
    std::uint16_t first = 0;
    std::uint16_t taken = 0;
    bool has_begun : 1 = false;
    bool is_last_resort : 1 = false;
    bool met_limit : 1 =
        false;  ///< An endpoint was passed over because it has all the sessions that it may have.
    bool met_full_queue : 1 = false;  ///< One did not take the connection yet, as UNIX sockets say at once.
  };

  Upstream(const Spreading& spreading, std::uint32_t seed);

  void respread(const Spreading& spreading);

  /// True when that changes anything; walks should begin anew then.
  bool replace(const std::vector<Endpoint>& endpoints, Milliseconds now);
  std::uint32_t generation() const { return generation_; }
  std::size_t size() const { return places_.size(); }

  /// The next endpoint to try, held until release(); nothing when the walk is over.
  std::optional<Slot> next(Walk& walk, Milliseconds now);
  /// What next() would give, if it did not find it full.
  std::optional<Slot> peek(Walk walk, Milliseconds now);
  void release(Slot slot);

  const Endpoint& endpoint(Slot slot) const { return states_[slot].endpoint; }
  Slot slot_of(const SocketAddress& address) const;  ///< kNoSlot for one that is not listed.
  std::uint32_t sessions(Slot slot) const { return states_[slot].sessions; }
  bool is_listed(Slot slot) const { return states_[slot].is_listed; }

  /// visit(endpoint, its sessions, whether it is ejected) for each that is listed, in order.
  template <class Visit>
  void for_each(Milliseconds now, Visit visit) const {
    for (const Place& place : places_) {
      const State& state = states_[place.slot];
      visit(state.endpoint, state.sessions, now < state.ejected_until);
    }
  }

  bool connected(Slot slot, Milliseconds now);  ///< True when it had been ejected and is back.
  bool failed(Slot slot, Milliseconds now);     ///< True when that ejects it.

  /// True once in a while for each endpoint, however many sessions cannot reach it.
  bool is_failure_news(Slot slot, Milliseconds now);

  /// `span` and up to half of it more or less.
  Milliseconds jittered(Milliseconds span);

 private:
  struct State {
    Endpoint endpoint;
    std::uint32_t sessions = 0;      ///< Connecting and connected.
    std::uint16_t failures = 0;      ///< In a row.
    std::uint16_t ejections = 0;     ///< In a row.
    Milliseconds ejected_until = 0;  ///< 0 when it is not ejected.
    Milliseconds failure_told = 0;   ///< When is_failure_news() was last true; 0 is never.
    Milliseconds back_since = 0;     ///< 0 when it has its full share.
    std::int64_t credit = 0;         ///< For taking turns by weight.
    bool takes_part = false;         ///< In the choice that is being made.
    bool is_listed = false;
  };
  struct Place {
    Slot slot;
    std::uint16_t tier_begin;  ///< Places of the same tier.
    std::uint16_t tier_end;
  };

  Slot take_slot(const SocketAddress& address);
  static void list(State& state, const Endpoint& endpoint);
  void free_if_unused(Slot slot);
  void list_places(const std::vector<Slot>& slots);

  bool is_available(const State& state, Milliseconds now) const;
  bool fits(const Walk& walk, const State& state, Milliseconds now) const;
  std::size_t place_in_walk(const Walk& walk) const;
  bool advance(Walk& walk, Milliseconds now);
  void begin(Walk& walk, Milliseconds now);

  // endpoint_choice.cc
  std::size_t choose(Milliseconds now);
  bool takes_part(State& state, Milliseconds now);
  State& state_at(std::size_t place) { return states_[places_[place].slot]; }
  std::size_t choose_turn(Milliseconds now, std::size_t begin, std::size_t end);
  std::size_t choose_weighted_turn(std::size_t begin, std::size_t end, std::size_t first);
  std::size_t choose_least(Milliseconds now, std::size_t begin, std::size_t end);
  std::size_t choose_drawn(Milliseconds now, std::size_t begin, std::size_t end);
  std::size_t draw(Milliseconds now, std::size_t begin, std::size_t end);

  Spreading spreading_;
  std::minstd_rand random_;
  std::uint32_t generation_ = 0;
  std::vector<State> states_;  ///< By Slot.
  std::vector<Slot> free_;     ///< Slots of nobody.
  std::vector<Place> places_;  ///< What is listed, by tier, in the order given.
};

}  // namespace amb
