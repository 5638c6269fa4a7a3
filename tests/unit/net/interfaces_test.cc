// SPDX-License-Identifier: Apache-2.0
#include "net/interfaces.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using test::ip;

struct Reach {
  const char* endpoint;
  std::uint16_t endpoint_port;
  const char* listener;
  bool expected;
  const char* because;
};

void PrintTo(const Reach& reach, std::ostream* out) {
  *out << reach.endpoint << " port " << reach.endpoint_port << " to " << reach.listener;
}

class ReachesListener : public testing::TestWithParam<Reach> {};

/// On a host whose own addresses are 172.17.0.9 and fd00::9; the listener is on port 6379.
TEST_P(ReachesListener, KnowsItsOwnInAnySpelling) {
  const auto& [endpoint, port, listener, expected, because] = GetParam();
  const std::vector<SocketAddress> own = {ip("127.0.0.1"), ip("172.17.0.9"), ip("::1"), ip("fd00::9")};
  EXPECT_EQ(reaches_listener(ip(endpoint, port), ip(listener, 6379), own), expected) << because;
}

INSTANTIATE_TEST_SUITE_P(
    Wildcard, ReachesListener,
    testing::Values(Reach{"127.0.0.1", 6379, "::", true, "loopback"},
                    Reach{"127.8.9.10", 6379, "::", true, "all of 127/8 is"},
                    Reach{"::1", 6379, "::", true, "loopback of IPv6"},
                    Reach{"0.0.0.0", 6379, "::", true, "connecting to nowhere leads home"},
                    Reach{"::", 6379, "::", true, "in either family"},
                    Reach{"172.17.0.9", 6379, "::", true, "an address of an interface"},
                    Reach{"::ffff:172.17.0.9", 6379, "::", true, "the same, mapped"},
                    Reach{"fd00::9", 6379, "::", true, "of IPv6"},
                    Reach{"FD00:0:0::0009", 6379, "::", true, "whatever the spelling"},
                    Reach{"172.17.0.9", 6380, "::", false, "another port is another service"},
                    Reach{"127.0.0.1", 6380, "::", false, "on loopback too"},
                    Reach{"172.17.0.2", 6379, "::", false, "a neighbour"},
                    Reach{"fd00::2", 6379, "::", false, "a neighbour of IPv6"},
                    Reach{"127.0.0.1", 6379, "0.0.0.0", true, "where IPv6 is off"},
                    Reach{"172.17.0.9", 6379, "0.0.0.0", true, "where IPv6 is off"},
                    Reach{"172.17.0.2", 6379, "0.0.0.0", false, "where IPv6 is off"}));

INSTANTIATE_TEST_SUITE_P(
    OneAddress, ReachesListener,
    testing::Values(Reach{"127.0.0.1", 6379, "127.0.0.1", true, "itself"},
                    Reach{"::ffff:127.0.0.1", 6379, "127.0.0.1", true, "itself, mapped"},
                    Reach{"0.0.0.0", 6379, "127.0.0.1", true, "connecting to nowhere leads to loopback"},
                    Reach{"127.0.0.2", 6379, "127.0.0.1", false,
                          "another loopback address has another listener"},
                    Reach{"172.17.0.9", 6379, "127.0.0.1", false, "our own, but nobody listens on it"},
                    Reach{"127.0.0.1", 6379, "172.17.0.9", false, "the same the other way round"},
                    Reach{"172.17.0.9", 6379, "172.17.0.9", true, "itself"},
                    Reach{"0.0.0.0", 6379, "172.17.0.9", false, "nowhere leads to loopback alone"},
                    Reach{"::1", 6379, "::1", true, "itself"},
                    Reach{"::", 6379, "::1", true, "nowhere of IPv6"},
                    Reach{"::1", 80, "::1", false, "another port"}));

TEST(ReachesListenerByPath, OnlyWhenItIsTheSamePath) {
  const auto a = *SocketAddress::from_path("/run/a.sock"), b = *SocketAddress::from_path("/run/b.sock");
  EXPECT_TRUE(reaches_listener(a, a, {}));
  EXPECT_FALSE(reaches_listener(a, b, {}));
  EXPECT_FALSE(reaches_listener(a, ip("::", 0), {}));
  EXPECT_FALSE(reaches_listener(ip("127.0.0.1", 0), a, {}));
  EXPECT_FALSE(reaches_listener(a, *SocketAddress::from_path("@/run/a.sock"), {}))
      << "an abstract name is no path";
}

TEST(OwnAddresses, HoldLoopbackAndOnlyIpAddressesWithoutPort) {
  const auto own = own_addresses();
  EXPECT_EQ(std::ranges::count(own, ip("127.0.0.1")), 1);
  for (const SocketAddress& address : own) {
    EXPECT_TRUE(address.is_ip());
    EXPECT_EQ(address.port(), 0);
  }
}

}  // namespace
}  // namespace amb
