// SPDX-License-Identifier: Apache-2.0
#include "wiring/link_table.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace amb {
namespace {

using Numbers = std::vector<std::size_t>;

Link called(const std::string& name) { return {.name = name}; }

class LinkTableTest : public testing::Test {
 protected:
  LinkTable table_{{called("a"), called("b"), called("c")}};
};

TEST_F(LinkTableTest, NumbersLinksInTheirOrder) {
  EXPECT_EQ(table_.live(), (Numbers{0, 1, 2}));
  EXPECT_EQ(table_[1].name, "b");
  EXPECT_EQ(table_.find("c"), 2U);
  EXPECT_EQ(table_.find("d"), std::nullopt);
}

TEST_F(LinkTableTest, AddsANewOneAtTheEnd) {
  EXPECT_EQ(table_.add(called("d")), 3U);
  EXPECT_EQ(table_.live(), (Numbers{0, 1, 2, 3}));
}

TEST_F(LinkTableTest, KnowsALinkThatLeftTheWiringButDoesNotFindIt) {
  table_.arrange({0, 2});
  EXPECT_EQ(std::ranges::count(table_.live(), 1U), 0);
  EXPECT_TRUE(table_.is_known(1));
  EXPECT_EQ(table_[1].name, "b") << "its sessions are still spoken of";
  EXPECT_EQ(table_.find("b"), std::nullopt);
  EXPECT_EQ(table_.live_links().size(), 2U);
}

TEST_F(LinkTableTest, DoesNotReuseANumberWhileAnybodyMaySpeakOfIt) {
  table_.arrange({0, 2});
  EXPECT_EQ(table_.add(called("d")), 3U);
  table_.forget(1);
  EXPECT_FALSE(table_.is_known(1));
  EXPECT_EQ(table_.add(called("e")), 1U);
  EXPECT_EQ(table_[1].name, "e");
}

TEST_F(LinkTableTest, KeepsNumberAndPlaceOfALinkThatIsReplaced) {
  table_.replace(1, called("new"));
  EXPECT_EQ(table_.find("new"), 1U);
  EXPECT_EQ(table_.find("b"), std::nullopt);
  EXPECT_EQ(table_.live(), (Numbers{0, 1, 2}));
}

TEST_F(LinkTableTest, ArrangesTheOrderApartFromTheNumbers) {
  table_.arrange({2, 0, 1});
  EXPECT_EQ(table_.live_links().front().name, "c");
  EXPECT_EQ(table_.find("c"), 2U);
}

TEST_F(LinkTableTest, HasAPlaceForANameThatAnotherLinkHadBefore) {
  table_.arrange({1, 2});
  const std::size_t number = table_.add(called("a"));
  EXPECT_EQ(table_.find("a"), number);
  EXPECT_NE(number, 0U);
}

}  // namespace
}  // namespace amb
