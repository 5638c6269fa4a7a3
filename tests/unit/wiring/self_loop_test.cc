// SPDX-License-Identifier: Apache-2.0
#include "wiring/self_loop.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

struct Loop {
  const char* value;
  bool refused;
  const char* because;
};

void PrintTo(const Loop& row, std::ostream* out) { *out << row.value; }

class SelfLoop : public testing::TestWithParam<Loop> {};

// This host is 172.17.0.9 and called 3f2a9c1b7d10.
TEST_P(SelfLoop, IsRefusedInEverySpelling) {
  const Findings findings = test::find({{"A_PORT_6379_TCP", GetParam().value}});
  EXPECT_EQ(findings.problems.size(), GetParam().refused ? 1U : 0U)
      << GetParam().because << test::all_problems(findings);
}

INSTANTIATE_TEST_SUITE_P(
    Targets, SelfLoop,
    testing::Values(
        Loop{"tcp://127.0.0.1:6379", true, "loopback"}, Loop{"tcp://127.8.9.1:6379", true, "all of 127/8"},
        Loop{"tcp://0.0.0.0:6379", true, "dialled, it means loopback"},
        Loop{"tcp://[::]:6379", true, "the same"}, Loop{"tcp://[::1]:6379", true, "IPv6 loopback"},
        Loop{"tcp://[::ffff:127.0.0.1]:6379", true, "mapped"},
        Loop{"tcp://172.17.0.9:6379", true, "the container's own address"},
        Loop{"tcp://[64:ff9b::172.17.0.9]:6379", true, "through NAT64"},
        Loop{"tcp://[2002:ac11:9::1]:6379", true, "through 6to4"},
        Loop{"tcp://[64:ff9b::172.17.0.2]:6379", false, "another host through NAT64"},
        Loop{"tcp://localhost:6379", true, "by name"},
        Loop{"tcp://3F2A9C1B7D10:6379", true, "by our own name"},
        Loop{"tcp://other:1,tcp://127.0.0.1:6379", true, "as a second target"},
        Loop{"unix:///x?listen=unix:///x", true, "a path to itself"},
        Loop{"unix:////./x?listen=unix:///x", true, "a path to itself, spelled differently"},
        Loop{"unix:@x?listen=unix:@x", true, "an abstract name to itself"},
        Loop{"unix:@x?listen=unix:@y", false, "another abstract name"},
        Loop{"unix:@/x?listen=unix:///x", false, "an abstract name is no path"},
        Loop{"tcp://127.0.0.1:6380", false, "another port is another service"},
        Loop{"tcp://172.17.0.2:6379", false, "another host"},
        Loop{"tcp://127.0.0.1:6379?listen=172.17.0.9", false, "not listening there"},
        Loop{"tcp://172.17.0.9:6379?listen=127.0.0.1", false, "nor there"},
        Loop{"tcp://[::1]:6379?listen=0.0.0.0", false, "IPv4 only is not ::1"},
        Loop{"tcp://127.0.0.1:6379?listen=0.0.0.0", true, "but 127.0.0.1"},
        Loop{"tcp://0.0.0.0:6379?listen=127.0.0.1", true, "loopback again"},
        Loop{"tcp://127.0.0.1:6379?listen=127.0.0.1:7", false, "listening on another port"},
        Loop{"unix:///x?listen=unix:///y", false, "another path"},
        Loop{"srv://_redis._tcp.localhost", false, "a service says its hosts when it is resolved"},
        Loop{"srv://_redis._tcp.example?listen=unix:///x", false, "nor is it a path"}));

TEST(SelfLoops, ThroughAnotherLinkNameBoth) {
  const Findings findings =
      test::find({{"A_PORT_80_TCP", "tcp://127.0.0.1:90"}, {"B_PORT_90_TCP", "tcp://b:1"}});
  EXPECT_EQ(test::problems_of(findings),
            std::vector<std::string>{
                "variable A_PORT_80_TCP: tcp://127.0.0.1:90 is this ambassador itself: variable "
                "B_PORT_90_TCP listens on [::]:90"});
  EXPECT_EQ(test::fate_of(findings, "A_PORT_80_TCP").substr(0, 8), "problem:");
  EXPECT_EQ(test::fate_of(findings, "B_PORT_90_TCP"), "link");
}

TEST(SelfLoops, OfHostPortAreRefused) {
  EXPECT_EQ(test::find_from_arguments({"127.0.0.1", "6379"}).problems.size(), 1U);
}

}  // namespace
}  // namespace amb
