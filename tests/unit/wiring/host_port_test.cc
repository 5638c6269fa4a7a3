// SPDX-License-Identifier: Apache-2.0
//
// The spellings one by one are in environment_pairs_test.cc; here is what the parts promise by themselves.
#include "wiring/host_port.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(ParsePort, TakesNumbersFrom1To65535) {
  EXPECT_EQ(parse_port("1"), 1);
  EXPECT_EQ(parse_port("65535"), 65535);
  for (const auto* text : {"", "0", "65536", "-1", "80a", "http"}) EXPECT_FALSE(parse_port(text)) << text;
}

TEST(ParseHost, GivesEitherANameOrAnAddress) {
  const auto name = parse_host("Redis");
  EXPECT_EQ(name->name, "redis");
  EXPECT_FALSE(name->address);
  const auto address = parse_host("10.0.0.1");
  EXPECT_EQ(address->name, "");
  EXPECT_EQ(address->address->to_string(), "10.0.0.1:0");
}

TEST(ParseHost, TakesIpv6WithAndWithoutBrackets) {
  EXPECT_EQ(parse_host("fd00::1")->address, parse_host("[fd00::1]")->address);
}

TEST(ParseHost, TakesNoPort) {
  EXPECT_FALSE(parse_host("redis:6379"));
  EXPECT_FALSE(parse_host("[::1]:6379"));
}

TEST(ParseHostPort, SplitsBareIpv6AtTheLastColonIfBothHalvesMakeSense) {
  EXPECT_EQ(parse_host_port("fd00::1:6379")->host.address->host(), "fd00::1");
  EXPECT_EQ(parse_host_port("fd00::1:6379")->port, 6379);
  EXPECT_EQ(parse_host_port("::1")->host.address->host(), "::1");
  EXPECT_FALSE(parse_host_port("::1")->port);
}

TEST(ParseHostPort, LeavesAMissingPortToTheCaller) {
  EXPECT_FALSE(parse_host_port("redis")->port);
  EXPECT_FALSE(parse_host_port("[::1]")->port);
  EXPECT_FALSE(parse_host_port("redis:")) << "a colon without a port is a mistake";
}

}  // namespace
}  // namespace amb
