// SPDX-License-Identifier: Apache-2.0
#include "net/embedded_address.h"

#include <gtest/gtest.h>

#include <string>

namespace amb {
namespace {

/// "2002:a00:1::1 10.0.0.1"
std::string reached(const char* text) {
  std::string all;
  for (const SocketAddress& address : reached_addresses(*SocketAddress::from_ip(text, 80))) {
    EXPECT_EQ(address.port(), 80) << text;
    all += (all.empty() ? "" : " ") + address.host();
  }
  return all;
}

TEST(EmbeddedAddress, IsFoundInWhatStandsForIpv4) {
  EXPECT_EQ(reached("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(reached("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(reached("::10.0.0.1"), "::10.0.0.1 10.0.0.1");
  EXPECT_EQ(reached("64:ff9b::10.0.0.1"), "64:ff9b::a00:1 10.0.0.1");
  EXPECT_EQ(reached("64:ff9b:1::10.0.0.1"), "64:ff9b:1::a00:1 10.0.0.1");
  EXPECT_EQ(reached("64:ff9b:1:a00:0:100::"), "64:ff9b:1:a00:0:100:: 10.0.0.1");
  EXPECT_EQ(reached("2002:a00:1::1"), "2002:a00:1::1 10.0.0.1");
}

TEST(EmbeddedAddress, IsInNoOther) {
  for (const char* text : {"::", "::1", "fd00::10.0.0.1", "64:ff9c::10.0.0.1", "2003:a00:1::1"})
    EXPECT_EQ(reached_addresses(*SocketAddress::from_ip(text, 80)).size(), 1U) << text;
  EXPECT_EQ(reached_addresses(*SocketAddress::from_path("/run/x")).size(), 1U);
}

TEST(EmbeddedAddress, MakesLinkLocalAddressesKnown) {
  for (const char* text : {"169.254.169.254", "::ffff:169.254.169.254", "::169.254.169.254",
                           "64:ff9b::a9fe:a9fe", "64:ff9b:1:a9fe:a9:fe00::", "2002:a9fe:a9fe::"})
    EXPECT_TRUE(reaches_ipv4_link_local(*SocketAddress::from_ip(text, 80))) << text;
  for (const char* text : {"169.253.0.1", "64:ff9b::10.0.0.1", "fe80::1", "::1"})
    EXPECT_FALSE(reaches_ipv4_link_local(*SocketAddress::from_ip(text, 80))) << text;
}

}  // namespace
}  // namespace amb
