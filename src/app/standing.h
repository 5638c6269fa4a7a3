// SPDX-License-Identifier: Apache-2.0
//
// How a link or the whole program fares: one word, why, and since when. Everything that shows a state (the
// status, readiness, metrics, the page) asks here, so that all say the same.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "proxy/connect_streak.h"

namespace amb {

using SteadyTime = std::chrono::steady_clock::time_point;

struct Standing {
  std::string state;
  std::string reason;  ///< Empty where all is well.
  SteadyTime since;

  bool is(std::string_view word) const { return state == word; }
};

/// Whether a link's latest sessions found no endpoint, although nobody says that it is down: that is its
/// standing then. `error` is what the latest of them met; may be empty.
std::optional<Standing> failing(const ConnectTrend& trend, const std::string& error, SteadyTime now);

struct ProgramFacts {
  std::optional<SteadyTime> stopping_since;
  std::optional<SteadyTime> full_since;  ///< No session has room.
  std::size_t most_sessions = 0;
  SteadyTime started;
  std::vector<std::pair<std::string, Standing>> links;  ///< By name.
};

/// "stopping", "at_limit", "draining" (every link is drained), "degraded" (a link is down or failing),
/// "settling" (it is not known yet of some), "ready".
Standing judge(const ProgramFacts& facts);

/// Of a moment of the steady clock, ms since 1970, UTC.
std::int64_t unix_ms(SteadyTime moment);

}  // namespace amb
