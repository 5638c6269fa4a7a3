// SPDX-License-Identifier: Apache-2.0
#include "wiring/listener_index.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"
#include "wiring/target_url.h"

namespace amb {
namespace {

/// Which of these links a connection to the target would reach: "variable A_PORT_80_TCP", or "-".
std::string reached(const test::Variables& variables, const std::string& target) {
  const WiringInput host = test::with_variables(variables);
  ListenerIndex listeners(host);
  for (const Link& link : find_wiring(host).links) listeners.add(link);
  Complaints complaints;
  const TargetList list = parse_targets(target, 0, complaints);
  EXPECT_TRUE(complaints.empty()) << target;
  const auto* listener = listeners.find(list.targets.at(0));
  return listener == nullptr ? "-" : listener->origin;
}

TEST(ListenerIndexTest, FindsTheFirstOfThoseThatAConnectionWouldReach) {
  const test::Variables both = {{"A_PORT_80_TCP", "a:1?listen=127.0.0.2"}, {"B_PORT_80_TCP", "b:1"}};
  EXPECT_EQ(reached(both, "127.0.0.2:80"), "variable A_PORT_80_TCP");
  EXPECT_EQ(reached(both, "127.0.0.3:80"), "variable B_PORT_80_TCP");
  EXPECT_EQ(reached(both, "[::1]:80"), "variable B_PORT_80_TCP");
  EXPECT_EQ(reached(both, "0.0.0.0:80"), "variable A_PORT_80_TCP");
  EXPECT_EQ(reached(both, "localhost:80"), "variable A_PORT_80_TCP");
  EXPECT_EQ(reached(both, "3f2a9c1b7d10:80"), "variable B_PORT_80_TCP");
  EXPECT_EQ(reached(both, "172.17.0.9:80"), "variable B_PORT_80_TCP");
  EXPECT_EQ(reached(both, "172.17.0.8:80"), "-");
  EXPECT_EQ(reached(both, "127.0.0.2:81"), "-");
}

TEST(ListenerIndexTest, KnowsIpv4OfEveryAddressFromIpv6) {
  const test::Variables ipv4 = {{"A_PORT_80_TCP", "a:1?listen=0.0.0.0"}};
  EXPECT_EQ(reached(ipv4, "127.0.0.1:80"), "variable A_PORT_80_TCP");
  EXPECT_EQ(reached(ipv4, "[::1]:80"), "-");
}

TEST(ListenerIndexTest, FindsPathsByTheirSpelling) {
  const test::Variables path = {{"A_PORT_80_TCP", "a:1?listen=unix:///run/a"}};
  EXPECT_EQ(reached(path, "unix:///run/a"), "variable A_PORT_80_TCP");
  EXPECT_EQ(reached(path, "unix:///run/b"), "-");
}

TEST(ListenerIndexTest, LeavesOurNameToTheResolverWhereAnotherHostHasItToo) {
  WiringInput host = test::with_variables({});
  ListenerIndex listeners(host);
  Link link;
  link.listen = {*SocketAddress::from_ip("::", 80)};
  link.origins = {{Origin::Kind::hosts_file, "/etc/hosts:9"}};
  listeners.add(link);
  Target target = make_target(host.hostname, std::nullopt, 80);
  EXPECT_NE(listeners.find(target), nullptr);
  target.fallback = SocketAddress::from_ip("172.17.0.2", 80);
  EXPECT_EQ(listeners.find(target), nullptr);
}

}  // namespace
}  // namespace amb
