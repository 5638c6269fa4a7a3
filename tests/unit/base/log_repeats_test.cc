// SPDX-License-Identifier: Apache-2.0
#include "base/log_repeats.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using std::chrono::seconds;
using Lines = std::vector<std::string>;

const Repeated kReset{.key = "session_failed redis upstream_reset", .told = 2, .window = seconds(10)};
const LogRepeats::Clock::time_point kStart{};

TEST(LogRepeats, AreWrittenAFewTimesAndThenCounted) {
  LogRepeats repeats;
  EXPECT_TRUE(repeats.admit(kReset, "1", kStart));
  EXPECT_TRUE(repeats.admit(kReset, "2", kStart));
  for (int i = 3; i <= 1000; ++i) EXPECT_FALSE(repeats.admit(kReset, std::to_string(i), kStart + seconds(1)));
  EXPECT_EQ(repeats.take_due(kStart + seconds(9)), Lines{});
  EXPECT_EQ(repeats.take_due(kStart + seconds(10)), Lines{"1000 more=998 within_s=10"});
}

TEST(LogRepeats, OfAStormThatGoesOnAreOneLineInEachWindow) {
  LogRepeats repeats;
  (void)repeats.admit(kReset, "1", kStart);
  (void)repeats.admit(kReset, "2", kStart);
  for (int window = 1; window <= 3; ++window) {
    EXPECT_FALSE(repeats.admit(kReset, "again", kStart + seconds(10 * window - 1)));
    EXPECT_EQ(repeats.take_due(kStart + seconds(10 * window)), Lines{"again more=1 within_s=10"});
  }
}

TEST(LogRepeats, AreNewsAgainAfterAWindowWithoutAny) {
  LogRepeats repeats;
  for (int i = 0; i < 3; ++i) (void)repeats.admit(kReset, "x", kStart);
  EXPECT_EQ(repeats.take_due(kStart + seconds(10)).size(), 1U);
  EXPECT_EQ(repeats.take_due(kStart + seconds(20)), Lines{});
  EXPECT_FALSE(repeats.next_due());
  EXPECT_TRUE(repeats.admit(kReset, "x", kStart + seconds(21)));
}

TEST(LogRepeats, OfOneThingDoNotHideAnother) {
  LogRepeats repeats;
  for (int i = 0; i < 3; ++i) (void)repeats.admit(kReset, "x", kStart);
  EXPECT_TRUE(repeats.admit({.key = "session_failed db upstream_reset"}, "y", kStart));
}

TEST(LogRepeats, SayWhenTheNextWindowEnds) {
  LogRepeats repeats;
  EXPECT_FALSE(repeats.next_due());
  (void)repeats.admit(kReset, "x", kStart + seconds(5));
  (void)repeats.admit({.key = "moved db", .window = seconds(60)}, "y", kStart);
  EXPECT_EQ(repeats.next_due(), kStart + seconds(15));
}

TEST(LogRepeats, AreToldBeforeTheirTimeAtTheEnd) {
  LogRepeats repeats;
  const auto now = LogRepeats::Clock::now();
  for (int i = 0; i < 5; ++i) (void)repeats.admit(kReset, "x", now);
  EXPECT_EQ(repeats.take_all(), Lines{"x more=3 within_s=1"});
  EXPECT_EQ(repeats.take_all(), Lines{});
}

TEST(LogRepeats, RememberNoMoreThanTheirBound) {
  LogRepeats repeats;
  const auto key = [](std::size_t i) { return Repeated{.key = std::to_string(i), .told = 1}; };
  for (std::size_t i = 0; i < LogRepeats::kMostKeys; ++i) (void)repeats.admit(key(i), "x", kStart);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(repeats.admit(key(LogRepeats::kMostKeys), "x", kStart));
  EXPECT_FALSE(repeats.admit(key(0), "x", kStart));
}

TEST(WithCount, KeepsTheFormOfTheLine) {
  EXPECT_EQ(with_count(R"({"event":"moved","name":"db"})", 4311, 10),
            R"({"event":"moved","name":"db","more":4311,"within_s":10})");
  EXPECT_EQ(with_count("moved name=db", 1, 60), "moved name=db more=1 within_s=60");
}

}  // namespace
}  // namespace amb
