// SPDX-License-Identifier: Apache-2.0
//
// Durations as people write them: "500ms", "9s", "1m", "2h", or a bare number of seconds.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "wiring/complaint.h"

namespace amb {

enum class Zero { refused, allowed };

/// At most 365 days, so that no deadline computed from it can overflow.
Checked<std::chrono::milliseconds> parse_duration(std::string_view text, Zero zero);

/// In the largest unit that divides it: "1500ms", "9s", "1m", "1h"; zero is "0s".
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace amb
