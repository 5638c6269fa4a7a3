// SPDX-License-Identifier: Apache-2.0
#include "wiring/link_name.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(LinkName, IsSplitAtTheLastPort) {
  const auto name = parse_link_name("MY_PORT_80_PORT_6379_udp");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->prefix, "MY_PORT_80");
  EXPECT_EQ(name->digits, "6379");
  EXPECT_EQ(name->protocol, Protocol::udp);
}

TEST(LinkName, KnowsThreeProtocols) {
  EXPECT_EQ(parse_link_name("X_PORT_1_TCP")->protocol, Protocol::tcp);
  EXPECT_EQ(parse_link_name("X_PORT_1_SCTP")->protocol, Protocol::sctp);
  EXPECT_FALSE(parse_link_name("X_PORT_1_DCCP"));
}

TEST(LinkName, LeavesOutWhatDockerSetsBesideALink) {
  for (const auto* name :
       {"X_PORT_80_TCP_ADDR", "X_PORT_80_TCP_PORT", "X_PORT_80_TCP_PROTO", "X_PORT_80_TCP_START",
        "X_PORT_80_TCP_PORT_START", "X_PORT_80_TCP_END", "X_PORT", "X_NAME", "X_ENV_TCP", "TCP"}) {
    EXPECT_FALSE(parse_link_name(name)) << name;
  }
}

TEST(LinkName, KeepsWhatIsWrongForTheMessage) {
  EXPECT_EQ(parse_link_name("X_PORT__TCP")->digits, "");
  EXPECT_EQ(parse_link_name("X_PORT_6379a_TCP")->digits, "6379a");
  EXPECT_EQ(parse_link_name("_PORT_80_TCP")->prefix, "");
}

TEST(LinkName, IsTellableFromNamesThatEndAlikeByChance) {
  EXPECT_TRUE(means_a_link(*parse_link_name("X_PORT_80_TCP"), ""));
  EXPECT_TRUE(means_a_link(*parse_link_name("X_PORT__TCP"), ""));
  EXPECT_TRUE(means_a_link(*parse_link_name("X_PORT_80b_TCP"), ""));
  EXPECT_TRUE(means_a_link(*parse_link_name("X_PORT_HTTP_TCP"), "tcp://web"));
  EXPECT_FALSE(means_a_link(*parse_link_name("X_SERVICE_PORT_METRICS_TCP"), "9121"));
}

}  // namespace
}  // namespace amb
