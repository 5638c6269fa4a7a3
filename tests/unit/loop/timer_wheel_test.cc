// SPDX-License-Identifier: Apache-2.0
#include "loop/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "unit/loop/recording_timer.h"

namespace amb {
namespace {

using namespace test;

struct Wait {
  Milliseconds start, span;
  const char* because;
};

void PrintTo(const Wait& wait, std::ostream* out) { *out << wait.span << " ms from " << wait.start; }

class TimerAfter : public testing::TestWithParam<Wait> {};

TEST_P(TimerAfter, FiresAtItsMillisecondAndNotOneBefore) {
  const auto& [start, span, because] = GetParam();
  TimerWheel wheel(start);
  CountingTimer timer;
  wheel.arm(timer, start + span);
  if (span > 0) wheel.advance(start + span - 1);
  EXPECT_EQ(timer.fired, 0) << because;
  EXPECT_TRUE(timer.is_armed());
  wheel.advance(start + span);
  EXPECT_EQ(timer.fired, 1) << because;
  EXPECT_FALSE(timer.is_armed());
  wheel.advance(start + span + kHour);
  EXPECT_EQ(timer.fired, 1) << "once is enough";
}

TEST_P(TimerAfter, FiresWhenTheLoopSleptFarBeyondIt) {
  const auto& [start, span, because] = GetParam();
  TimerWheel wheel(start);
  CountingTimer timer;
  wheel.arm(timer, start + span);
  wheel.advance(start + span + 3 * kDay);
  EXPECT_EQ(timer.fired, 1) << because;
}

TEST_P(TimerAfter, IsReachedByWakingWheneverTheWheelAsksForIt) {
  const auto& [start, span, because] = GetParam();
  TimerWheel wheel(start);
  CountingTimer timer;
  wheel.arm(timer, start + span);
  // One for each wheel that it comes down through, and one for each turn of the last.
  const Milliseconds most = 5 + span / (kWheelSpan / 64 * 62);
  Milliseconds wakes = 0;
  while (timer.fired == 0) {
    const auto wake = wheel.next_wake();
    ASSERT_TRUE(wake);
    ASSERT_LE(*wake, start + span) << "the loop would oversleep";
    wheel.advance(*wake);
    ASSERT_LE(++wakes, most) << "the loop would spin";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Spans, TimerAfter,
    testing::Values(Wait{1000, 0, "due at once"}, Wait{1000, 1, "the next slot"},
                    Wait{1000, 63, "the last slot of wheel 1"}, Wait{1000, 64, "the first slot of wheel 2"},
                    Wait{0, 64, "seen from a cascade's own moment"}, Wait{63, 1, "across the end of wheel 1"},
                    Wait{63, 65, "across it and one turn on"}, Wait{1000, 4095, "the end of wheel 2"},
                    Wait{1000, 4096, "the start of wheel 3"},
                    Wait{4095, 4095, "a slot whose number is the present one's, one turn on"},
                    Wait{262143, 262143, "the same one wheel up"},
                    Wait{kWheelSpan - 1, kWheelSpan - 1, "and in the last wheel"},
                    Wait{1000, 262143, "the end of wheel 3"}, Wait{1000, 262144, "the start of wheel 4"},
                    Wait{1000, kHour, "half_close_timeout"}, Wait{1000, kWheelSpan - 1, "the last that fits"},
                    Wait{1000, kWheelSpan, "the first that waits beyond the wheels"},
                    Wait{12345, kDay, "several times round the last wheel"},
                    Wait{123'456'789, 5 * kDay + 17, "days of idle_timeout"},
                    Wait{30 * kDay + 5, kSecond, "a machine that has been up for long"}));

TEST(TimerWheel, FiresWhatIsDueInThePastAtTheNextAdvance) {
  TimerWheel wheel(5000);
  CountingTimer timer;
  wheel.arm(timer, 10);
  EXPECT_EQ(timer.due(), 10U);
  wheel.advance(5000);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, FiresInTheOrderOfTime) {
  TimerWheel wheel(0);
  std::vector<Milliseconds> order;
  std::vector<std::unique_ptr<ActingTimer>> timers;
  for (const Milliseconds due : {5000U, 3U, 70U, 300'000U, 64U, 4096U, 1U}) {
    timers.push_back(std::make_unique<ActingTimer>([&order, due] { order.push_back(due); }));
    wheel.arm(*timers.back(), due);
  }
  wheel.advance(kHour);
  EXPECT_EQ(order, (std::vector<Milliseconds>{1, 3, 64, 70, 4096, 5000, 300'000}));
}

TEST(TimerWheel, MovesATimerThatIsArmedAgain) {
  TimerWheel wheel(0);
  CountingTimer timer;
  wheel.arm(timer, 10);
  wheel.arm(timer, 100'000);
  wheel.advance(99'999);
  EXPECT_EQ(timer.fired, 0);
  wheel.arm(timer, 100'001);
  wheel.advance(100'001);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, ForgetsACancelledTimer) {
  TimerWheel wheel(0);
  CountingTimer timer;
  wheel.cancel(timer);
  wheel.arm(timer, 500);
  wheel.cancel(timer);
  EXPECT_FALSE(timer.is_armed());
  EXPECT_FALSE(wheel.next_wake()) << "nothing is left to wake for";
  wheel.advance(1000);
  EXPECT_EQ(timer.fired, 0);
}

TEST(TimerWheel, LeavesTheOthersOfASlotWhenOneIsCancelled) {
  TimerWheel wheel(0);
  CountingTimer a, b, c;
  for (CountingTimer* timer : {&a, &b, &c}) wheel.arm(*timer, 500);
  wheel.cancel(b);
  wheel.advance(500);
  EXPECT_EQ(a.fired + c.fired, 2);
  EXPECT_EQ(b.fired, 0);
}

TEST(TimerWheel, ForgetsATimerThatIsDestroyedWhileArmed) {
  TimerWheel wheel(0);
  CountingTimer other;
  for (const Milliseconds due : {1U, 100U, 10'000U, 1'000'000U, 100'000'000U}) {
    const auto timer = std::make_unique<CountingTimer>();
    wheel.arm(*timer, due);
  }
  wheel.arm(other, 2 * kDay);
  wheel.advance(2 * kDay);
  EXPECT_EQ(other.fired, 1);
  EXPECT_FALSE(wheel.next_wake());
}

TEST(TimerWheel, MayEndBeforeItsTimers) {
  CountingTimer near, far;
  {
    TimerWheel wheel(0);
    wheel.arm(near, 1);
    wheel.arm(far, 10 * kDay);
  }
  EXPECT_FALSE(near.is_armed());
  EXPECT_FALSE(far.is_armed());
}

TEST(TimerWheel, SleepsWithoutATimeoutWhileNothingIsArmed) {
  TimerWheel wheel(77);
  EXPECT_FALSE(wheel.next_wake());
  wheel.advance(77 + 10 * kDay);
  EXPECT_FALSE(wheel.next_wake());
}

TEST(TimerWheel, TakesTimersAfterALongEmptySleep) {
  TimerWheel wheel(0);
  wheel.advance(10 * kDay + 12345);
  CountingTimer timer;
  wheel.arm(timer, 10 * kDay + 12345 + 5000);
  wheel.advance(10 * kDay + 12345 + 4999);
  EXPECT_EQ(timer.fired, 0);
  wheel.advance(10 * kDay + 12345 + 5000);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerWheel, DoesNothingWhenTheClockStandsOrGoesBack) {
  TimerWheel wheel(1000);
  CountingTimer timer;
  wheel.arm(timer, 1010);
  for (const Milliseconds now : {1000U, 1000U, 5U, 1009U, 1000U}) wheel.advance(now);
  EXPECT_EQ(timer.fired, 0);
  wheel.advance(1010);
  EXPECT_EQ(timer.fired, 1);
}

}  // namespace
}  // namespace amb
