// SPDX-License-Identifier: Apache-2.0
//
// The wheel against the simplest thing that could be right: a table of due times.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "unit/loop/recording_timer.h"

namespace amb {
namespace {

using namespace test;

class TimersOfAModel {
 public:
  explicit TimersOfAModel(unsigned seed) : random_(seed), now_(random_() % (40 * kDay)), wheel_(now_) {
    for (std::size_t i = 0; i < kTimers; ++i) timers_.push_back(make(i));
  }

  /// One random thing that a loop may do.
  void step() {
    const std::size_t which = random_() % kTimers;
    switch (random_() % 10) {
      case 0:
        cancel(which);
        break;
      case 1:
        timers_[which] = make(which);  // destroyed, perhaps while armed
        due_.erase(which);
        break;
      case 2:
        wake_when_asked();
        break;
      case 3:
        advance(now_ + some_span(random_() % 40 == 0 ? kDays : kHours));
        break;
      default:
        arm(which, random_() % 20 == 0 ? now_ - std::min(now_, some_span(kHours)) : now_ + some_span(kDays));
    }
    check();
  }

 private:
  static constexpr std::size_t kTimers = 60;

  std::unique_ptr<ActingTimer> make(std::size_t which) {
    return std::make_unique<ActingTimer>([this, which] { on_fired(which); });
  }

  /// As often a millisecond as hours, or as days. Jumps over days take the wheel a while, so they are rarer.
  enum Longest : unsigned { kHours = 25, kDays = 30 };
  Milliseconds some_span(Longest longest) { return random_() % (Milliseconds{2} << (random_() % longest)); }

  void arm(std::size_t which, Milliseconds due) {
    wheel_.arm(*timers_[which], due);
    due_[which] = due;
  }

  void cancel(std::size_t which) {
    wheel_.cancel(*timers_[which]);
    due_.erase(which);
  }

  void advance(Milliseconds now) {
    now_ = now;
    wheel_.advance(now);
  }

  void wake_when_asked() {
    if (const auto wake = wheel_.next_wake()) advance(std::max(*wake, now_));
  }

  void on_fired(std::size_t which) {
    ASSERT_TRUE(due_.contains(which)) << "timer " << which << " fired though it was not armed";
    EXPECT_LE(due_[which], now_) << "timer " << which << " fired early";
    due_.erase(which);
    const std::size_t other = random_() % kTimers;
    if (random_() % 4 == 0) arm(random_() % kTimers, now_ + 1 + some_span(kDays));
    if (random_() % 8 == 0) cancel(other);
    if (random_() % 8 == 0 && other != which) {
      timers_[other] = make(other);
      due_.erase(other);
    }
  }

  std::optional<Milliseconds> earliest() const {
    std::optional<Milliseconds> earliest;
    for (const auto& [which, due] : due_) earliest = std::min(earliest.value_or(due), due);
    return earliest;
  }

  void check() {
    for (std::size_t i = 0; i < kTimers; ++i) {
      ASSERT_EQ(timers_[i]->is_armed(), due_.contains(i)) << "timer " << i;
      if (due_.contains(i)) {
        ASSERT_EQ(timers_[i]->due(), due_[i]);
      }
    }
    const auto due = earliest();
    if (!due) return;
    const auto wake = wheel_.next_wake();
    ASSERT_TRUE(wake) << "the loop would sleep for ever";
    ASSERT_LE(*wake, std::max(*due, now_ + 1)) << "the loop would oversleep";
  }

  std::mt19937_64 random_;
  Milliseconds now_;
  TimerWheel wheel_;
  std::vector<std::unique_ptr<ActingTimer>> timers_;
  std::map<std::size_t, Milliseconds> due_;  ///< The model.
};

class RandomTimers : public testing::TestWithParam<unsigned> {};

TEST_P(RandomTimers, FireLikeATableOfDueTimes) {
  TimersOfAModel model(GetParam());
  for (int step = 0; step < 2000 && !HasFatalFailure() && !HasNonfatalFailure(); ++step) model.step();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomTimers, testing::Range(1U, 11U));

TEST(RandomWakes, AreFewBeforeATimerFires) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 500; ++round) {
    const Milliseconds start = random() % (40 * kDay);
    const Milliseconds due = start + random() % (Milliseconds{2} << (random() % 29));
    TimerWheel wheel(start);
    CountingTimer timer;
    wheel.arm(timer, due);
    // One wake for each wheel it comes down through, and one for each turn of the last.
    const Milliseconds most = 5 + (due - start) / (kWheelSpan / 64 * 62);
    Milliseconds wakes = 0;
    for (; timer.fired == 0; ++wakes) {
      ASSERT_TRUE(wheel.next_wake());
      ASSERT_LE(*wheel.next_wake(), due);
      ASSERT_LE(wakes, most) << start << " to " << due;
      wheel.advance(*wheel.next_wake());
    }
  }
}

}  // namespace
}  // namespace amb
