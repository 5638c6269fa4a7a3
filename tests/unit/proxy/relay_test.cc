// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "unit/proxy/relay_pair.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using RelayTest = test::RelayPair;

TEST_F(RelayTest, MovesWhatIsThereAndIsDry) {
  write("hello");
  EXPECT_EQ(advance(), RelayOutcome::dry);
  EXPECT_EQ(relay_.moved_bytes(), 5U);
  EXPECT_EQ(read_all(), 5U);
}

TEST_F(RelayTest, HurriesASinkFromTheSecondWriteOn) {
  test::TcpPair pair = test::connected_pair();
  sink_ = std::move(pair.near);
  reader_ = std::move(pair.far);
  const auto is_hurried = [&] { return test::option(sink_.borrow(), IPPROTO_TCP, TCP_NODELAY) == 1; };
  relay_.hurry_later();
  write("one");
  EXPECT_EQ(advance(), RelayOutcome::dry);
  EXPECT_FALSE(is_hurried());
  write("two");
  EXPECT_EQ(advance(), RelayOutcome::dry);
  EXPECT_TRUE(is_hurried());
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
  // Small reads, so that what fits into the kernel takes more of them than a turn has.
  std::vector<HeldBufferPool::Lease> crowd;
  while (!buffers_.is_crowded()) crowd.push_back(buffers_.borrow(HeldBufferPool::kLargestBytes));
  constexpr std::size_t kTurn = std::size_t{Relay::kSmallestChunkBytes} * Relay::kReadsPerTurn;
  for (const int fd : {writer_.borrow(), sink_.borrow()}) make_roomy(fd);
  write(std::string(kTurn + 100, 'x'));
  EXPECT_EQ(advance(), RelayOutcome::spent);
  EXPECT_EQ(relay_.moved_bytes(), kTurn);
  EXPECT_EQ(advance(), RelayOutcome::dry);
}

TEST_F(RelayTest, LetsASmallMessageWaitForTheOthersOfItsTurn) {
  write("PING");
  EXPECT_EQ(advance_while_others_follow(), RelayOutcome::waiting);
  EXPECT_TRUE(relay_.is_waiting());
  EXPECT_EQ(relay_.moved_bytes(), 0U);
  EXPECT_EQ(read_all(), 0U);
  EXPECT_EQ(send_waiting(), RelayOutcome::dry);
  EXPECT_FALSE(relay_.is_waiting());
  EXPECT_EQ(read_all(), 4U);
}

TEST_F(RelayTest, SendsAtOnceWhatTheReceiveBufferHasNoRoomToKeep) {
  EXPECT_TRUE(received_.keep(ReceiveBuffer::kMostKeptBytes));
  write("PING");
  EXPECT_EQ(advance_while_others_follow(), RelayOutcome::dry);
  EXPECT_EQ(read_all(), 4U);
}

TEST_F(RelayTest, HoldsWhatIsLeftOfAWaitingMessage) {
  const std::size_t written = fill();
  EXPECT_TRUE(relay_.holds_bytes());
  expect_rest(written);
  while (::send(sink_.borrow(), "full", 4, MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {
  }
  write("PING");
  EXPECT_EQ(advance_while_others_follow(), RelayOutcome::waiting);
  EXPECT_EQ(send_waiting(), RelayOutcome::held);
  (void)read_all();
  EXPECT_EQ(flush(), RelayOutcome::dry);
  EXPECT_EQ(read_all(), 4U);
}

TEST_F(RelayTest, ForgetsWhatItHolds) {
  fill();
  relay_.drop_held();
  EXPECT_FALSE(relay_.holds_bytes());
  EXPECT_EQ(flush(), RelayOutcome::dry);
}

}  // namespace
}  // namespace amb
