// SPDX-License-Identifier: Apache-2.0
//
// What the kernel tells of a peer that is slow, full or dead, and of the way to it.
#include <gtest/gtest.h>

#include <cstring>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;

TEST(PeerSilence, IsNoneWhileNothingIsOwed) {
  const TcpPair pair = connected_pair();
  EXPECT_FALSE(peer_silence(pair.near.borrow()).waits_for_ack);
  send_text(pair.near.borrow(), "ping");
  EXPECT_TRUE(eventually([&] { return !peer_silence(pair.near.borrow()).waits_for_ack; }))
      << "a living kernel acknowledges what nobody reads";
}

TEST(PeerSilence, GrowsWhileAHostThatIsGoneOwesAnAcknowledgement) {
  const TcpPair pair = connected_pair();
  if (!make_deaf(pair.far.borrow())) GTEST_SKIP() << "no socket filter: " << strerrordesc_np(errno);
  send_text(pair.near.borrow(), "anybody there?");
  EXPECT_TRUE(peer_silence(pair.near.borrow()).waits_for_ack);
  EXPECT_TRUE(
      eventually([&] { return peer_silence(pair.near.borrow()).since_last_ack >= milliseconds(50); }));
}

TEST(PeerSilence, IsNoneWithAPeerThatIsOnlyFull) {
  const TcpPair pair = connected_pair();
  fill(pair.near.borrow());
  EXPECT_TRUE(eventually([&] { return !peer_silence(pair.near.borrow()).waits_for_ack; }))
      << "its window is closed, but what it took it has acknowledged";
}

TEST(PeerSilence, SaysNothingOfWhatIsNoTcpSocket) {
  EXPECT_FALSE(peer_silence(-1).waits_for_ack);
  EXPECT_EQ(peer_silence(-1).since_last_ack, milliseconds(0));
  const UniqueFd unix_socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_FALSE(peer_silence(unix_socket.borrow()).waits_for_ack);
}

TEST(PathQuality, IsKnownOfATcpConnection) {
  const TcpPair pair = connected_pair();
  const PathQuality path = path_quality(pair.near.borrow());
  EXPECT_TRUE(path.is_known);
  EXPECT_GT(path.rtt, std::chrono::microseconds(0)) << "the handshake has measured it";
  EXPECT_LT(path.rtt, kDeadline);
  EXPECT_EQ(path.retransmitted, 0U);
}

TEST(PathQuality, CountsWhatHadToBeSentAgain) {
  const TcpPair pair = connected_pair();
  if (!make_deaf(pair.far.borrow())) GTEST_SKIP() << "no socket filter: " << strerrordesc_np(errno);
  send_text(pair.near.borrow(), "anybody there?");
  EXPECT_TRUE(eventually([&] { return path_quality(pair.near.borrow()).retransmitted > 0; }));
}

TEST(PathQuality, IsNotKnownOfWhatIsNoTcpSocket) {
  const UniqueFd unix_socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  for (const int fd : {-1, unix_socket.borrow()}) {
    EXPECT_FALSE(path_quality(fd).is_known);
    EXPECT_EQ(path_quality(fd).rtt, std::chrono::microseconds(0));
  }
}

TEST(UnacknowledgedBytes, AreThoseTheHostThatIsGoneHasNotTaken) {
  const TcpPair pair = connected_pair();
  EXPECT_EQ(unacknowledged_bytes(pair.near.borrow()), 0U);
  if (!make_deaf(pair.far.borrow())) GTEST_SKIP() << "no socket filter: " << strerrordesc_np(errno);
  send_text(pair.near.borrow(), std::string(1000, 'x'));
  EXPECT_EQ(unacknowledged_bytes(pair.near.borrow()), 1000U);
}

TEST(UnacknowledgedBytes, FallToZeroAsAPeerReads) {
  const TcpPair pair = connected_pair();
  const std::size_t sent = fill(pair.near.borrow());
  EXPECT_GT(unacknowledged_bytes(pair.near.borrow()), 0U);
  EXPECT_EQ(receive_text(pair.far.borrow(), sent).size(), sent);
  EXPECT_TRUE(eventually([&] { return unacknowledged_bytes(pair.near.borrow()) == 0; }));
}

TEST(UnacknowledgedBytes, AreNoneWhenTheSocketIsGone) { EXPECT_EQ(unacknowledged_bytes(-1), 0U); }

}  // namespace
}  // namespace amb
