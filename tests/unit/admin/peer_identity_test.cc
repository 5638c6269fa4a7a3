// SPDX-License-Identifier: Apache-2.0
#include "admin/peer_identity.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "unit/support/sockets.h"

namespace amb {
namespace {

TEST(PeerIdentity, IsWhatTheKernelSays) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const UniqueFd near(ends[0]), far(ends[1]);
  const auto peer = peer_of(near.borrow());
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->pid, ::getpid());
  EXPECT_EQ(peer->uid, ::geteuid());
}

TEST(PeerIdentity, IsUnknownForOtherSockets) {
  const test::TcpPair pair = test::connected_pair();
  EXPECT_FALSE(peer_of(pair.near.borrow()));
  EXPECT_FALSE(peer_of(-1));
}

TEST(PeerIdentity, IsTrustedForTheSameUserAndForRoot) {
  for (const Reach reach : {Reach::file, Reach::abstract}) {
    EXPECT_TRUE(is_trusted({1, 65534}, 65534, reach));
    EXPECT_TRUE(is_trusted({1, 0}, 65534, reach));
    EXPECT_FALSE(is_trusted({1, 1000}, 65534, reach));
    EXPECT_FALSE(is_trusted({1, 65534}, 0, reach)) << "root's program is not for everybody";
  }
}

TEST(PeerIdentity, OfAnotherContainerIsNotTrustedWhereNoFileGuards) {
  EXPECT_FALSE(is_trusted({0, 65534}, 65534, Reach::abstract))
      << "it shares our network, and its user only looks like ours";
  EXPECT_FALSE(is_trusted({0, 0}, 65534, Reach::abstract));
  EXPECT_TRUE(is_trusted({0, 65534}, 65534, Reach::file)) << "it could open the file";
}

}  // namespace
}  // namespace amb
