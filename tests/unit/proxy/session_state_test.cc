// SPDX-License-Identifier: Apache-2.0
//
// The machine's transitions one by one: what was, what happened, what must be done.
#include "proxy/session_state.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace amb {
namespace {

using enum SessionEvent;
constexpr Direction kUp = Direction::to_upstream;
constexpr Direction kDown = Direction::to_downstream;

struct Happens {
  SessionEvent event;
  Direction direction = kUp;
  CloseReason reason = CloseReason::eof;
};

struct Case {
  std::string sentence;
  std::vector<Happens> before;
  Happens now;
  SessionActions actions;
  Phase phase;
  CloseReason reason = CloseReason::eof;
};

class SessionStateTable : public testing::TestWithParam<Case> {};

TEST_P(SessionStateTable, DoesWhatTheSentenceSays) {
  const Case& c = GetParam();
  SessionState state;
  for (const Happens& h : c.before) (void)step(state, h.event, h.direction, h.reason);
  const SessionActions actions = step(state, c.now.event, c.now.direction, c.now.reason);
  EXPECT_EQ(actions, c.actions) << c.sentence;
  EXPECT_EQ(state.phase, c.phase) << c.sentence;
  EXPECT_EQ(state.reason, c.reason) << c.sentence;
}

const std::vector<Case> kCases{
    {"once connected, both directions are read", {}, {connected}, {.read = true}, Phase::relaying},
    {"a session that expires while connecting resets the consumer",
     {},
     {expire, kUp, CloseReason::connect_refused},
     {.close_reset = true},
     Phase::closed,
     CloseReason::connect_refused},
    {"a greeting before a reset that was noticed late is still read",
     {},
     {connected_lost},
     {.read = true, .drop_held = true},
     Phase::aborting,
     CloseReason::upstream_reset},
    {"an end with nothing held goes straight on",
     {{connected}},
     {input_end, kUp},
     {.fin_to_upstream = true},
     Phase::relaying},
    {"an end waits for the bytes before it",
     {{connected}, {held, kUp}},
     {input_end, kUp},
     {},
     Phase::relaying},
    {"and goes out once they are gone",
     {{connected}, {held, kUp}, {input_end, kUp}},
     {flushed, kUp},
     {.fin_to_upstream = true},
     Phase::relaying},
    {"bytes held the other way do not hold it up",
     {{connected}, {held, kDown}},
     {input_end, kUp},
     {.fin_to_upstream = true},
     Phase::relaying},
    {"the second end closes cleanly",
     {{connected}, {input_end, kUp}},
     {input_end, kDown},
     {.fin_to_downstream = true, .close_clean = true},
     Phase::closed},
    {"but not while the first one is still held back",
     {{connected}, {held, kUp}, {input_end, kUp}},
     {input_end, kDown},
     {.fin_to_downstream = true},
     Phase::relaying},
    {"a reset with nothing held waits for delivery on the other side",
     {{connected}},
     {input_failed, kUp},
     {.drop_held = true, .await_delivery = true},
     Phase::aborting,
     CloseReason::client_reset},
    {"a reset with bytes held waits for them first",
     {{connected}, {held, kDown}},
     {input_failed, kDown},
     {.drop_held = true},
     Phase::aborting,
     CloseReason::upstream_reset},
    {"then for their delivery",
     {{connected}, {held, kDown}, {input_failed, kDown}},
     {flushed, kDown},
     {.await_delivery = true},
     Phase::aborting,
     CloseReason::upstream_reset},
    {"and then resets",
     {{connected}, {input_failed, kDown}},
     {delivered, kDown},
     {.close_reset = true},
     Phase::closed,
     CloseReason::upstream_reset},
    {"a side that cannot be written to is read dry before it counts as gone",
     {{connected}},
     {output_failed, kUp},
     {.read = true, .drop_held = true},
     Phase::aborting,
     CloseReason::upstream_reset},
    {"the end that recv reports after a reset is no end",
     {{connected}, {output_failed, kUp}},
     {input_end, kDown},
     {.await_delivery = true},
     Phase::aborting,
     CloseReason::upstream_reset},
    {"a side that had ended before it was lost needs no reading",
     {{connected}, {input_end, kDown}},
     {output_failed, kUp},
     {.drop_held = true, .await_delivery = true},
     Phase::aborting,
     CloseReason::upstream_reset},
    {"when the survivor fails too there is nothing left to do",
     {{connected}, {input_failed, kUp}},
     {output_failed, kUp},
     {.close_reset = true},
     Phase::closed,
     CloseReason::client_reset},
    {"the survivor's own end changes nothing",
     {{connected}, {held, kUp}, {input_failed, kUp}},
     {input_end, kDown},
     {},
     Phase::aborting,
     CloseReason::client_reset},
    {"a dead peer gives its own reason",
     {{connected}},
     {input_failed, kDown, CloseReason::upstream_dead},
     {.drop_held = true, .await_delivery = true},
     Phase::aborting,
     CloseReason::upstream_dead},
    {"giving up a delivery keeps the first reason",
     {{connected}, {held, kUp}, {input_failed, kUp}},
     {expire, kUp, CloseReason::drain_deadline},
     {.close_reset = true},
     Phase::closed,
     CloseReason::client_reset},
    {"the drain's deadline resets both",
     {{connected}, {input_end, kUp}},
     {expire, kUp, CloseReason::drain_deadline},
     {.close_reset = true},
     Phase::closed,
     CloseReason::drain_deadline},
    {"a closed session does nothing more",
     {{expire, kUp, CloseReason::limit}},
     {connected},
     {},
     Phase::closed,
     CloseReason::limit},
};

INSTANTIATE_TEST_SUITE_P(All, SessionStateTable, testing::ValuesIn(kCases));

TEST(SessionState, WhileBytesAreHeldTheirSourceIsNotRead) {
  SessionState state;
  EXPECT_FALSE(state.may_read(kUp)) << "nothing is read before there is somewhere to send it";
  (void)step(state, connected);
  EXPECT_TRUE(state.may_read(kUp));
  (void)step(state, held, kUp);
  EXPECT_FALSE(state.may_read(kUp));
  EXPECT_TRUE(state.may_read(kDown));
  (void)step(state, flushed, kUp);
  EXPECT_TRUE(state.may_read(kUp));
}

TEST(SessionState, OnlyTheLostSideIsStillReadWhileAborting) {
  SessionState state;
  (void)step(state, connected);
  (void)step(state, output_failed, kUp);
  EXPECT_TRUE(state.may_read(kDown));
  EXPECT_FALSE(state.may_read(kUp));
}

}  // namespace
}  // namespace amb
