// SPDX-License-Identifier: Apache-2.0
//
// What `ambassador status` prints: a line about the program, a table of links with their endpoints below
// them.
#pragma once

#include <boost/json/value.hpp>
#include <chrono>
#include <cstdint>
#include <string>

#include "app/terminal.h"

namespace amb {

/// An earlier status, for rates in place of totals.
struct StatusBefore {
  boost::json::value status;
  std::chrono::milliseconds ago{0};
};

/// `now_ms` is the time since 1970, UTC. `before` may be null.
std::string status_text(const boost::json::value& status, const StatusBefore* before, const Screen& screen,
                        std::int64_t now_ms);

/// Of the program or a link, as the API gives it: "degraded for 4m: 1 of 2 links is down: …".
std::string state_text(const boost::json::value& standing, std::int64_t now_ms);

/// The style of "up", "down", "settling", "drained" and of an endpoint's health.
Style style_of_state(std::string_view state);

}  // namespace amb
