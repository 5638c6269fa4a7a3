// SPDX-License-Identifier: Apache-2.0
//
// What a worker knows of a link: where to connect to, and its limits. A value, replaced between two events.
#pragma once

#include <cstdint>
#include <vector>

#include "loop/timer_wheel.h"
#include "net/address.h"

namespace amb {

using LinkId = std::uint32_t;  ///< Position of the link in the wiring.

/// Limits of a link's sessions, in ms; 0 is never.
struct RouteLimits {
  Milliseconds connect_timeout = 1000;
  Milliseconds connect_total = 3000;
  Milliseconds half_close_timeout = 3'600'000;
  Milliseconds idle_timeout = 0;
  Milliseconds dead_peer = 60'000;
  Milliseconds abort_flush = 5000;
};

struct Route {
  LinkId link = 0;
  RouteLimits limits;
  std::vector<SocketAddress> endpoints;  ///< Tried in this order; empty while no name has an answer.
  std::uint64_t generation = 0;          ///< Grows whenever the endpoints change.
  bool has_names = false;                ///< Asking again can give other endpoints.
};

/// What the resolver found for one link.
struct RouteUpdate {
  LinkId link = 0;
  std::vector<SocketAddress> endpoints;
};

}  // namespace amb
