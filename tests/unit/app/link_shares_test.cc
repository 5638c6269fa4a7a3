// SPDX-License-Identifier: Apache-2.0
#include "app/link_shares.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

Link link_with_max_sessions(const std::string& name, std::uint32_t most) {
  Link link;
  link.name = name;
  link.options.max_sessions = most;
  return link;
}

TEST(LinkShares, LeaveATenthToTheOtherLinks) {
  const LinkTable links({link_with_max_sessions("a", 0), link_with_max_sessions("b", 0)});
  LinkShares shares(links, 2000);
  EXPECT_EQ(shares.most(0), 1800U);
  EXPECT_EQ(shares.most(1), 1800U);
}

TEST(LinkShares, GiveAllToALinkThatIsAlone) {
  const LinkTable links({link_with_max_sessions("a", 0)});
  EXPECT_EQ(LinkShares(links, 2000).most(0), 2000U);
}

TEST(LinkShares, LeaveAtLeastOneWhereThereIsOne) {
  const LinkTable links({link_with_max_sessions("a", 0), link_with_max_sessions("b", 0)});
  EXPECT_EQ(LinkShares(links, 5).most(0), 4U);
  EXPECT_EQ(LinkShares(links, 2).most(0), 1U);
  EXPECT_EQ(LinkShares(links, 1).most(0), 1U);
}

TEST(LinkShares, AreWhatTheLinkSaysAndNoMoreThanThereAre) {
  const LinkTable links({link_with_max_sessions("a", 10), link_with_max_sessions("b", 5000)});
  const LinkShares shares(links, 2000);
  EXPECT_EQ(shares.most(0), 10U);
  EXPECT_EQ(shares.most(1), 2000U);
}

TEST(LinkShares, KeepTheirSessionsWhenTheyAreSharedOutAnew) {
  const LinkTable links({link_with_max_sessions("a", 0), link_with_max_sessions("b", 0)});
  LinkShares shares(links, 100);
  SessionBudget& share = shares.of(0);
  EXPECT_TRUE(share.take());
  shares.share_out(10);
  EXPECT_EQ(&shares.of(0), &share);
  EXPECT_EQ(share.open(), 1U);
  EXPECT_EQ(share.most(), 9U);
}

}  // namespace
}  // namespace amb
