// SPDX-License-Identifier: Apache-2.0
#include "net/compact_address.h"

#include <gtest/gtest.h>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using test::ip;

TEST(CompactAddress, IsSmallEnoughForEverySessionToKeepTwo) { EXPECT_LE(sizeof(CompactAddress), 20U); }

TEST(CompactAddress, PrintsLikeTheAddressItWasMadeFrom) {
  for (const auto& address : {ip("10.0.0.5", 6379), ip("::1", 80), ip("fd00::1234", 65535), ip("0.0.0.0")}) {
    EXPECT_EQ(CompactAddress(address).to_string(), address.to_string());
  }
}

TEST(CompactAddress, PrintsMappedIpv4AsTheIpv4ThatItIs) {
  EXPECT_EQ(CompactAddress(ip("::ffff:10.0.0.5", 7)).to_string(), "10.0.0.5:7");
}

TEST(CompactAddress, KeepsOfAPathOnlyThatItIsOne) {
  EXPECT_EQ(CompactAddress(*SocketAddress::from_path("/run/x.sock")).to_string(), "unix");
}

TEST(CompactAddress, IsTheSameForTheSameAddressAndForAllPaths) {
  const CompactAddress one(ip("10.0.0.5", 7));
  EXPECT_EQ(one, CompactAddress(ip("::ffff:10.0.0.5", 7)));
  EXPECT_NE(one, CompactAddress(ip("10.0.0.5", 8)));
  EXPECT_NE(one, CompactAddress(ip("10.0.0.6", 7)));
  const CompactAddress path(*SocketAddress::from_path("/run/x.sock"));
  EXPECT_EQ(path, CompactAddress(*SocketAddress::from_path("/run/y.sock")));
  EXPECT_NE(path, CompactAddress());
}

TEST(CompactAddress, IsADashWhenUnset) {
  EXPECT_EQ(CompactAddress().to_string(), "-");
  EXPECT_EQ(CompactAddress(SocketAddress{}).to_string(), "-");
}

TEST(CompactAddress, ComparesHostsWhateverThePortOrSpelling) {
  const CompactAddress five(ip("10.0.0.5", 1));
  EXPECT_TRUE(five.same_host(CompactAddress(ip("10.0.0.5", 2))));
  EXPECT_TRUE(five.same_host(CompactAddress(ip("::ffff:10.0.0.5", 3))));
  EXPECT_FALSE(five.same_host(CompactAddress(ip("10.0.0.6", 1))));
  EXPECT_FALSE(CompactAddress(ip("::1")).same_host(CompactAddress(ip("127.0.0.1"))));
  EXPECT_FALSE(CompactAddress(ip("a00:5::")).same_host(five)) << "the same bytes in another family";
}

TEST(CompactAddress, HasNoHostInCommonWithAnybodyWhenUnset) {
  EXPECT_FALSE(CompactAddress().same_host(CompactAddress()));
  EXPECT_FALSE(CompactAddress().same_host(CompactAddress(ip("0.0.0.0"))));
}

}  // namespace
}  // namespace amb
