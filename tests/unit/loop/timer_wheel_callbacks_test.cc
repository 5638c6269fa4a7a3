// SPDX-License-Identifier: Apache-2.0
//
// What a timer's callback may do to its wheel: anything.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "unit/loop/recording_timer.h"

namespace amb {
namespace {

using namespace test;

TEST(TimerCallback, FindsItsTimerUnarmed) {
  TimerWheel wheel(0);
  ActingTimer timer;
  timer.action = [&] { EXPECT_FALSE(timer.is_armed()); };
  wheel.arm(timer, 5);
  wheel.advance(5);
  EXPECT_EQ(timer.fired, 1);
}

TEST(TimerCallback, MayArmItsTimerAgain) {
  TimerWheel wheel(0);
  ActingTimer timer;
  timer.action = [&] { wheel.arm(timer, timer.due() + 100); };
  wheel.arm(timer, 100);
  wheel.advance(1000);
  EXPECT_EQ(timer.fired, 10) << "a jump makes up for every period";
  EXPECT_EQ(timer.due(), 1100U);
}

TEST(TimerCallback, DoesNotSpinByArmingForNow) {
  TimerWheel wheel(0);
  ActingTimer timer;
  timer.action = [&] { wheel.arm(timer, 0); };
  wheel.arm(timer, 10);
  wheel.advance(10);
  EXPECT_EQ(timer.fired, 1) << "what is armed for now goes into the next slot";
  EXPECT_TRUE(timer.is_armed());
  wheel.advance(11);
  EXPECT_EQ(timer.fired, 2);
}

TEST(TimerCallback, MayCancelAnotherThatIsDueAtTheSameTime) {
  TimerWheel wheel(0);
  ActingTimer first, second;
  first.action = [&] { wheel.cancel(second); };
  second.action = [&] { wheel.cancel(first); };
  wheel.arm(first, 50);
  wheel.arm(second, 50);
  wheel.advance(50);
  EXPECT_EQ(first.fired + second.fired, 1) << "whichever comes first silences the other";
  wheel.advance(kHour);
  EXPECT_EQ(first.fired + second.fired, 1);
}

TEST(TimerCallback, MayDestroyAnotherThatIsDueAtTheSameTime) {
  TimerWheel wheel(0);
  std::vector<std::unique_ptr<ActingTimer>> timers(3);
  int fired = 0;
  for (auto& timer : timers) timer = std::make_unique<ActingTimer>();
  for (auto& timer : timers) {
    timer->action = [&timers, &fired, self = timer.get()] {
      ++fired;
      for (auto& other : timers) {
        if (other.get() != self) other.reset();
      }
    };
    wheel.arm(*timer, 50);
  }
  wheel.advance(50);
  EXPECT_EQ(fired, 1);
}

TEST(TimerCallback, MayDestroyItsOwnTimer) {
  TimerWheel wheel(0);
  CountingTimer after;
  auto* timer = new ActingTimer;
  timer->action = [timer] { delete timer; };
  wheel.arm(*timer, 50);
  wheel.arm(after, 50);
  wheel.advance(60);
  EXPECT_EQ(after.fired, 1);
}

TEST(TimerCallback, MayPostponeAnotherThatIsDueAtTheSameTime) {
  TimerWheel wheel(0);
  ActingTimer first, second;
  const auto postpone = [&](ActingTimer& other) {
    return [&] {
      if (other.fired == 0 && other.due() == 50) wheel.arm(other, 5000);
    };
  };
  first.action = postpone(second);
  second.action = postpone(first);
  wheel.arm(first, 50);
  wheel.arm(second, 50);
  wheel.advance(50);
  EXPECT_EQ(first.fired + second.fired, 1);
  wheel.advance(4999);
  EXPECT_EQ(first.fired + second.fired, 1);
  wheel.advance(5000);
  EXPECT_EQ(first.fired + second.fired, 2);
}

TEST(TimerCallback, MayBringAnotherForward) {
  TimerWheel wheel(0);
  ActingTimer late;
  ActingTimer early([&] { wheel.arm(late, 60); });
  wheel.arm(late, kHour);
  wheel.arm(early, 50);
  wheel.advance(59);
  EXPECT_EQ(late.fired, 0);
  wheel.advance(60);
  EXPECT_EQ(late.fired, 1);
}

class ArmedAtACascade : public testing::TestWithParam<Milliseconds> {};

/// The callback runs in the last millisecond before slots move down, when "now" is the cascade's own moment.
TEST_P(ArmedAtACascade, FiresInTime) {
  for (const Milliseconds boundary :
       {Milliseconds{64}, Milliseconds{4096}, Milliseconds{262'144}, kWheelSpan}) {
    const Milliseconds span = GetParam();
    TimerWheel wheel(boundary - 10);
    CountingTimer next;
    ActingTimer last([&] { wheel.arm(next, boundary + span); });
    wheel.arm(last, boundary - 1);
    wheel.advance(boundary + span - 1);
    EXPECT_EQ(last.fired, 1);
    EXPECT_EQ(next.fired, 0) << boundary;
    wheel.advance(boundary + span);
    EXPECT_EQ(next.fired, 1) << boundary;
  }
}

INSTANTIATE_TEST_SUITE_P(Spans, ArmedAtACascade,
                         testing::Values(1, 63, 64, 65, 4095, 4096, 4097, 262'143, 262'144, 262'145,
                                         kWheelSpan - 1, kWheelSpan, kWheelSpan + 1, kDay));

}  // namespace
}  // namespace amb
