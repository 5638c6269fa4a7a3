// SPDX-License-Identifier: Apache-2.0
//
// Numbers as people read them: three digits and a unit.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace amb {

/// "0 B", "999 B", "12.3 MB"; units of 1000.
std::string human_bytes(std::uint64_t bytes);

/// "0", "9999", "12.3k", "4.50M".
std::string human_count(std::uint64_t count);

/// "1 session", "2 sessions".
std::string human_plural(std::uint64_t count, std::string_view word);

/// "0s", "59s", "12m", "3h 5m", "12d 4h".
std::string human_time(std::chrono::milliseconds time);

}  // namespace amb
