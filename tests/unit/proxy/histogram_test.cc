// SPDX-License-Identifier: Apache-2.0
#include "proxy/histogram.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

constexpr std::array<Milliseconds, 3> kBounds = {1, 10, 100};
using Counts = std::array<std::uint64_t, 4>;

TEST(Histogram, CountsADurationAtTheFirstBoundThatHoldsIt) {
  Histogram<kBounds> histogram;
  for (const Milliseconds duration : {0U, 1U, 2U, 9U, 10U, 11U, 100U, 101U, 1'000'000U})
    histogram.add(duration);
  EXPECT_EQ(histogram.counts, (Counts{2, 3, 2, 2}));
  EXPECT_EQ(histogram.sum_ms, 1'000'234U);
}

TEST(Histogram, IsEmptyAtFirst) {
  const Histogram<kBounds> histogram;
  EXPECT_EQ(histogram.counts, Counts{});
  EXPECT_EQ(histogram.sum_ms, 0U);
}

TEST(Histogram, AddsAnotherUp) {
  Histogram<kBounds> sum, other;
  sum.add(1);
  sum.add(200);
  other.add(50);
  other.add(300);
  sum += other;
  EXPECT_EQ(sum.counts, (Counts{1, 0, 1, 2}));
  EXPECT_EQ(sum.sum_ms, 551U);
  EXPECT_EQ(other.counts, (Counts{0, 0, 1, 1}));
}

TEST(Histogram, HasBoundsThatGrow) {
  EXPECT_TRUE(std::ranges::is_sorted(kWaitBounds, std::less_equal<>()));
  EXPECT_TRUE(std::ranges::is_sorted(kLifeBounds, std::less_equal<>()));
}

}  // namespace
}  // namespace amb
