// SPDX-License-Identifier: Apache-2.0
//
// Timers that remember, or do what a test tells them to.
#pragma once

#include <functional>
#include <utility>

#include "loop/timer_wheel.h"

namespace amb::test {

/// Counts how often it has fired.
struct CountingTimer final : Timer {
  void on_timer() override { ++fired; }
  int fired = 0;
};

/// Runs `action` when it fires.
struct ActingTimer final : Timer {
  ActingTimer() = default;
  explicit ActingTimer(std::function<void()> does) : action(std::move(does)) {}
  void on_timer() override {
    ++fired;
    if (action) action();
  }
  std::function<void()> action;
  int fired = 0;
};

inline constexpr Milliseconds kSecond = 1000;
inline constexpr Milliseconds kHour = 3600 * kSecond;
inline constexpr Milliseconds kDay = 24 * kHour;
inline constexpr Milliseconds kWheelSpan = 1ULL << 24;  ///< Four wheels of 64 slots: 4.66 hours.

}  // namespace amb::test
