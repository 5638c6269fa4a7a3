// SPDX-License-Identifier: Apache-2.0
//
// The wall clock, for people; whatever waits or measures uses the monotonic one.
#pragma once

#include <chrono>
#include <cstdint>

namespace amb {

/// Milliseconds since 1970, UTC.
inline std::int64_t unix_time_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace amb
