// SPDX-License-Identifier: Apache-2.0
//
// Whatever happens in whatever order: no end is made up, none goes out before its bytes, and a session closes
// once, for one reason.
#include <gtest/gtest.h>

#include <random>

#include "proxy/session_state.h"

namespace amb {
namespace {

/// What an observer of both sides knows.
class Observer {
 public:
  void sees(SessionEvent event, Direction direction, const SessionState& before, const SessionState& after,
            const SessionActions& actions) {
    const std::size_t d = index(direction);
    if (event == SessionEvent::input_end && before.phase == Phase::relaying) ended_[d] = true;
    if (actions.fin_to_upstream) check_fin(Direction::to_upstream, after);
    if (actions.fin_to_downstream) check_fin(Direction::to_downstream, after);
    if (actions.close_clean) {
      EXPECT_TRUE(fin_sent_[0] && fin_sent_[1]);
      EXPECT_EQ(after.reason, CloseReason::eof);
    }
    if (actions.close_reset) {
      EXPECT_NE(after.reason, CloseReason::eof);
    }
    const bool closes = actions.close_clean || actions.close_reset;
    EXPECT_EQ(closes, before.phase != Phase::closed && after.phase == Phase::closed);
    EXPECT_FALSE(actions.close_clean && actions.close_reset);
    if (before.reason != CloseReason::eof) {
      EXPECT_EQ(before.reason, after.reason) << "the first reason stays";
    }
  }

 private:
  void check_fin(Direction direction, const SessionState& after) {
    const std::size_t d = index(direction);
    EXPECT_TRUE(ended_[d]) << "an end was made up";
    EXPECT_FALSE(after.holds[d]) << "an end overtook its bytes";
    EXPECT_FALSE(fin_sent_[d]) << "an end was sent twice";
    fin_sent_[d] = true;
  }

  bool ended_[2] = {false, false};
  bool fin_sent_[2] = {false, false};
};

TEST(SessionStateRandom, HoldsItsPromisesOnAHundredThousandSchedules) {
  constexpr SessionEvent kEvents[] = {SessionEvent::connected,     SessionEvent::connected_lost,
                                      SessionEvent::held,          SessionEvent::flushed,
                                      SessionEvent::input_end,     SessionEvent::input_failed,
                                      SessionEvent::output_failed, SessionEvent::delivered};
  for (unsigned seed = 0; seed < 100'000; ++seed) {
    std::minstd_rand random(seed);
    SessionState state;
    Observer observer;
    for (int i = 0; i < 30; ++i) {
      const bool expires = random() % 40 == 0;
      const auto event = expires ? SessionEvent::expire : kEvents[random() % std::size(kEvents)];
      const auto direction = static_cast<Direction>(random() % 2);
      // The shim only reports an input's end or bytes held when it was allowed to read.
      const bool is_input = event == SessionEvent::held || event == SessionEvent::input_end;
      if (is_input && !state.may_read(direction)) continue;
      const SessionState before = state;
      const auto actions = step(state, event, direction, expires ? CloseReason::removed : CloseReason::eof);
      observer.sees(event, direction, before, state, actions);
      ASSERT_FALSE(HasFailure()) << "seed " << seed << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace amb
