// SPDX-License-Identifier: Apache-2.0
//
// What a worker is told of a link: where it may connect to, and its limits. Values; a worker's own knowledge
// of the endpoints is in upstream.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "loop/timer_wheel.h"
#include "net/address.h"
#include "proxy/session_budget.h"
#include "wiring/wiring.h"

namespace amb {

using LinkId = std::uint32_t;  ///< Position of the link in the wiring.

/// Limits of a link's sessions, in ms; 0 is never.
struct RouteLimits {
  Milliseconds connect_timeout = 1000;
  Milliseconds connect_total = 3000;
  std::uint16_t connect_retries = 0;  ///< Further rounds once every endpoint has failed.
  Milliseconds hold = 0;              ///< Rounds go on for this long, and wait for endpoints.
  Milliseconds half_close_timeout = 3'600'000;
  Milliseconds idle_timeout = 0;
  Milliseconds dead_peer = 60'000;
  Milliseconds abort_flush = 5000;
};

/// Whose turn it is among a link's endpoints. Shared by all workers: where each took turns by itself, a few
/// long sessions in many workers would all be at the endpoint that comes first.
using TurnCounter = std::atomic<std::uint32_t>;

/// How sessions are spread over endpoints.
struct Spreading {
  Policy policy = Policy::first;
  std::uint16_t eject_after = 0;  ///< Failed connects in a row; 0 is never.
  Milliseconds eject_for = 10'000;
  Milliseconds slow_start = 0;
  std::shared_ptr<TurnCounter> turns;  ///< Null is a worker's own.
};

/// An address that sessions may be led to, and its place among the link's others.
struct Endpoint {
  SocketAddress address;
  std::uint32_t race_group = 0;  ///< Those of one group may be tried side by side (RFC 8305); 0 has no other.
  std::uint16_t tier = 0;        ///< A higher one is tried only when no lower one is left.
  std::uint32_t weight = 1;      ///< Share within its tier, at least 1.
  bool is_weighted = false;      ///< Policy `first` draws by weight, as RFC 2782 wants for services.
  bool is_up = true;             ///< Active checks let sessions go there.
  SessionBudget* budget = nullptr;  ///< How many may go there, over all workers; null is any number.

  bool operator==(const Endpoint&) const = default;
};

struct Route {
  LinkId link = 0;
  SessionBudget* share = nullptr;  ///< How many sessions it may have, over all workers; null is any number.
  RouteLimits limits;
  Spreading spreading;
  std::vector<Endpoint> endpoints;  ///< At the start; empty while no name has an answer.
  bool is_settling = false;         ///< First checks are on their way: wait for them rather than fail.
  bool is_refusing = false;         ///< The listeners are closed for now.
  bool is_drained = false;          ///< No new session: who comes through a UNIX path all the same is reset.
  bool has_names = false;           ///< Asking again can give other endpoints.
  bool is_checked = false;          ///< Who checks the endpoints is told when connecting to one has failed.
};

/// What a worker shall believe from now on.
struct RouteUpdate {
  LinkId link = 0;
  std::vector<Endpoint> endpoints;
  bool is_settling = false;
  bool is_refusing = false;
  bool is_drained = false;
  bool is_answer = true;  ///< To on_resolve_wanted().
};

}  // namespace amb
