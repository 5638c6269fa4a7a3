// SPDX-License-Identifier: Apache-2.0
#include "proxy/connect_streak.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(ConnectStreak, CountsWhatFailedSinceTheLastSuccess) {
  ConnectStreak streak;
  EXPECT_EQ(streak.as_of(100).failed, 0U);
  EXPECT_EQ(streak.as_of(100).connected_ago, ConnectTrend::kNever);
  streak.failed(100);
  streak.connected(200);
  streak.failed(300);
  streak.failed(400);
  const ConnectTrend trend = streak.as_of(1000);
  EXPECT_EQ(trend.failed, 2U);
  EXPECT_EQ(trend.first_failed_ago, 700U);
  EXPECT_EQ(trend.last_failed_ago, 600U);
  EXPECT_EQ(trend.connected_ago, 800U);
}

TEST(ConnectTrend, OfTwoWorkersAddsUp) {
  ConnectTrend sum{.failed = 2, .first_failed_ago = 50, .last_failed_ago = 40};
  sum += {.failed = 3, .first_failed_ago = 70, .last_failed_ago = 60};
  EXPECT_EQ(sum.failed, 5U);
  EXPECT_EQ(sum.first_failed_ago, 70U);
  EXPECT_EQ(sum.last_failed_ago, 40U);
}

TEST(ConnectTrend, BeginsAnewWithASuccessOfAnotherWorker) {
  ConnectTrend sum{.failed = 9, .first_failed_ago = 90, .last_failed_ago = 50};
  sum += {.connected_ago = 40};
  EXPECT_EQ(sum.failed, 0U);
  sum += {.failed = 2, .first_failed_ago = 30, .last_failed_ago = 20};
  EXPECT_EQ(sum.failed, 2U);
  EXPECT_EQ(sum.first_failed_ago, 30U);
}

TEST(ConnectTrend, HasAtLeastTheLastFailureWhereASuccessCameInBetween) {
  ConnectTrend sum{.connected_ago = 40};
  sum += {.failed = 9, .first_failed_ago = 90, .last_failed_ago = 10};
  EXPECT_EQ(sum.failed, 1U);
  EXPECT_EQ(sum.first_failed_ago, 10U);
}

}  // namespace
}  // namespace amb
