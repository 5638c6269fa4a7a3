// SPDX-License-Identifier: Apache-2.0
#include "admin/peer_identity.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include "unit/discovery/temporary_folder.h"
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

TEST(PeerIdentity, HasHungUpOnceItHasClosedItsEnd) {
  test::TcpPair pair = test::connected_pair();
  EXPECT_FALSE(has_hung_up(pair.near.borrow()));
  pair.far = UniqueFd();
  EXPECT_TRUE(test::eventually([&] { return has_hung_up(pair.near.borrow()); }));
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

TEST(PeerIdentity, OfAnUnmappedUserIsNotTrustedThoughItsUidBeOurs) {
  for (const Reach reach : {Reach::file, Reach::abstract}) {
    EXPECT_FALSE(is_trusted({1, 65534}, 65534, reach, 65534));
    EXPECT_TRUE(is_trusted({1, 1000}, 1000, reach, 65534));
    EXPECT_TRUE(is_trusted({1, 0}, 1000, reach, 65534));
  }
}

class AmbiguousUid : public testing::Test {
 protected:
  std::optional<unsigned> with(const std::string& map, const std::string& overflow = "65534\n") const {
    std::filesystem::create_directories(proc_ / "self");
    std::filesystem::create_directories(proc_ / "sys/kernel");
    std::ofstream(proc_ / "self/status") << "Name:\tx\n";
    std::ofstream(proc_ / "self/uid_map") << map;
    std::ofstream(proc_ / "sys/kernel/overflowuid") << overflow;
    return ambiguous_uid(proc_ / "");
  }

  test::TemporaryFolder proc_;
};

TEST_F(AmbiguousUid, IsNoneWhereEveryUserIsMappedToItself) {
  EXPECT_EQ(with("         0          0 4294967295\n"), std::nullopt);
}

TEST_F(AmbiguousUid, IsTheOverflowUidInAUserNamespace) {
  EXPECT_EQ(with("         0     100000      65536\n"), 65534U);
  EXPECT_EQ(with("         0       1000          1\n         1     100000      65536\n"), 65534U);
  EXPECT_EQ(with("         0          0      65536\n"), 65534U) << "those above it are not mapped";
  EXPECT_EQ(with("", "60000\n"), 60000U) << "nobody is mapped yet, and the host chose another one";
  EXPECT_EQ(with("", "nonsense"), 65534U);
}

TEST_F(AmbiguousUid, IsNoneWhereTheKernelKnowsNoUserNamespaces) {
  (void)with("");
  std::filesystem::remove(proc_ / "self/uid_map");
  EXPECT_EQ(ambiguous_uid(proc_ / ""), std::nullopt);
}

TEST_F(AmbiguousUid, IsTheUsualOneWhereThereIsNoProc) { EXPECT_EQ(ambiguous_uid(proc_ / "missing"), 65534U); }

}  // namespace
}  // namespace amb
