// SPDX-License-Identifier: Apache-2.0
//
// Durations, counted by how long they were. One writer; copied to be read.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "loop/timer_wheel.h"

namespace amb {

/// Upper bounds in ms, each included; what is longer is counted behind the last one.
inline constexpr std::array<Milliseconds, 12> kWaitBounds = {1,   2,   5,   10,   25,   50,
                                                             100, 250, 500, 1000, 2500, 10'000};
inline constexpr std::array<Milliseconds, 8> kLifeBounds = {10,     100,     1000,      10'000,
                                                            60'000, 600'000, 3'600'000, 86'400'000};

template <const auto& Bounds>
struct Histogram {
  std::array<std::uint64_t, Bounds.size() + 1> counts{};
  std::uint64_t sum_ms = 0;

  void add(Milliseconds duration) {
    const auto bound = std::ranges::lower_bound(Bounds, duration);
    ++counts[static_cast<std::size_t>(bound - Bounds.begin())];
    sum_ms += duration;
  }
  bool operator==(const Histogram&) const = default;
  Histogram& operator+=(const Histogram& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum_ms += other.sum_ms;
    return *this;
  }
};

using WaitHistogram = Histogram<kWaitBounds>;
using LifeHistogram = Histogram<kLifeBounds>;

}  // namespace amb
