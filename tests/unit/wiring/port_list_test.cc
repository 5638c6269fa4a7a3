// SPDX-License-Identifier: Apache-2.0
#include "wiring/port_list.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Ports = std::vector<std::uint16_t>;

PortList parse_ports(std::string_view text) {
  Problems problems;
  auto list = parse_port_list(text, problems);
  EXPECT_TRUE(problems.empty()) << text;
  return list;
}

TEST(PortList, WithoutNamesIsForEveryHost) {
  EXPECT_EQ(parse_ports("5432").ports_of("any"), Ports{5432});
  EXPECT_EQ(parse_ports("5432, 5433,5432").ports_of("any"), (Ports{5432, 5433}));
}

TEST(PortList, WithNamesIsForThoseHostsOnly) {
  const auto list = parse_ports("postgres:5432,Redis:6379,redis:6380,80");
  EXPECT_EQ(list.ports_of("redis"), (Ports{6379, 6380}));
  EXPECT_EQ(list.ports_of("postgres"), Ports{5432});
  EXPECT_EQ(list.ports_of("other"), Ports{80});
  EXPECT_TRUE(parse_ports("redis:6379").ports_of("other").empty());
}

TEST(PortList, EveryWrongPartIsAProblem) {
  for (const auto* text :
       {"", ",", "0", "65536", "x", "redis:", ":6379", "re dis:1", "10.0.0.1:80", "5432;5433", "5432,"}) {
    Problems problems;
    parse_port_list(text, problems);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_EQ(to_string(problems[0].origin), "variable AMBASSADOR_PORTS");
    EXPECT_EQ(problems[0].value, text);
  }
}

}  // namespace
}  // namespace amb
