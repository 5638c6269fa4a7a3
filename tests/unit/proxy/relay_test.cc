// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "unit/proxy/relay_pair.h"

namespace amb {
namespace {

using RelayTest = test::RelayPair;

TEST_F(RelayTest, MovesWhatIsThereAndIsDry) {
  write("hello");
  EXPECT_EQ(advance(), RelayOutcome::dry);
  EXPECT_EQ(relay_.moved_bytes(), 5U);
  EXPECT_EQ(read_all(), 5U);
}

TEST_F(RelayTest, SeesTheEndBehindTheLastBytesWhenTheHangUpWasSignalled) {
  write("last");
  writer_.reset();
  EXPECT_EQ(advance(true), RelayOutcome::input_end);
  EXPECT_EQ(read_all(), 4U);
}

TEST_F(RelayTest, HoldsWhatTheSinkRefusesAndFlushesIt) {
  const std::size_t written = fill();
  ASSERT_TRUE(relay_.holds_bytes());
  expect_rest(written);
  EXPECT_EQ(flush(), RelayOutcome::dry);
  EXPECT_FALSE(relay_.holds_bytes());
}

TEST_F(RelayTest, StaysHeldWhileTheSinkIsFull) {
  fill();
  EXPECT_EQ(flush(), RelayOutcome::held);
}

TEST_F(RelayTest, ReportsASinkThatIsGone) {
  reader_.reset();
  write("nobody hears this");
  EXPECT_EQ(advance(), RelayOutcome::output_failed);
  EXPECT_EQ(relay_.error(), EPIPE);
  EXPECT_EQ(relay_.moved_bytes(), 0U);
}

TEST_F(RelayTest, LeavesTheRestToTheNextTurnWhenItsBudgetIsSpent) {
  scratch_.resize(16);  // small reads, so that what fits into the kernel takes more of them than a turn has
  write(std::string(16 * (Relay::kReadsPerTurn + 1), 'x'));
  EXPECT_EQ(advance(), RelayOutcome::spent);
  EXPECT_EQ(relay_.moved_bytes(), 16U * Relay::kReadsPerTurn);
  EXPECT_EQ(advance(), RelayOutcome::dry);
}

TEST_F(RelayTest, ForgetsWhatItHolds) {
  fill();
  relay_.drop_held();
  EXPECT_FALSE(relay_.holds_bytes());
  EXPECT_EQ(flush(), RelayOutcome::dry);
}

}  // namespace
}  // namespace amb
