// SPDX-License-Identifier: Apache-2.0
#include "net/address.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <ostream>
#include <vector>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using test::ip;

TEST(SocketAddress, PrintsAsPeopleWriteIt) {
  EXPECT_EQ(ip("10.0.0.5", 6379).to_string(), "10.0.0.5:6379");
  EXPECT_EQ(ip("::1", 6379).to_string(), "[::1]:6379");
  EXPECT_EQ(ip("FD00:0::0001", 1).host(), "fd00::1");
  EXPECT_EQ(SocketAddress::from_path("/run/x.sock")->to_string(), "unix:/run/x.sock");
  EXPECT_EQ(SocketAddress::from_path("@hidden")->to_string(), "unix:@hidden");
  EXPECT_EQ(SocketAddress{}.to_string(), "-");
}

TEST(SocketAddress, ReadsOnlyIpLiteralsWithoutBrackets) {
  const std::vector<std::string> wrong = {"",
                                          "redis",
                                          "[::1]",
                                          "1.2.3",
                                          "1.2.3.4.5",
                                          "256.0.0.1",
                                          "0x7f.0.0.1",
                                          " 127.0.0.1",
                                          "1.2.3.4 ",
                                          "::1%",
                                          "::1%no-such-interface",
                                          ":::",
                                          "1.2.3.4:80",
                                          std::string("127.0.0.1\0x", 11)};
  for (const auto& text : wrong) EXPECT_FALSE(SocketAddress::from_ip(text, 80)) << text;
}

TEST(SocketAddress, KeepsTheZoneOfALinkLocalAddress) {
  const auto address = ip("fe80::1%lo", 80);
  EXPECT_EQ(address.host(), "fe80::1%lo");
  EXPECT_EQ(SocketAddress::from_ip(address.host(), 80), address);
  EXPECT_NE(ip("fe80::1", 80), address);
}

TEST(SocketAddress, TakesPathsOfUpTo107Bytes) {
  const std::string longest = "/" + std::string(106, 'x');
  EXPECT_EQ(SocketAddress::from_path(longest)->path(), longest);
  EXPECT_EQ(SocketAddress::from_path("@" + std::string(106, 'x'))->path().size(), 107U);
  EXPECT_FALSE(SocketAddress::from_path(longest + "x"));
  EXPECT_FALSE(SocketAddress::from_path(""));
  EXPECT_FALSE(SocketAddress::from_path("@"));
  EXPECT_FALSE(SocketAddress::from_path(std::string("/a\0b", 4)));
}

TEST(SocketAddress, RoundTripsThroughTheKernelsForm) {
  for (const auto& address : {ip("10.1.2.3", 99), ip("fd00::1", 65535), *SocketAddress::from_path("/run/x"),
                              *SocketAddress::from_path("@x")}) {
    EXPECT_EQ(SocketAddress::from_kernel(address.raw(), address.raw_size()), address) << address.to_string();
  }
}

TEST(SocketAddress, IsUnsetForFamiliesItDoesNotKnow) {
  sockaddr other{};
  other.sa_family = AF_PACKET;
  EXPECT_FALSE(SocketAddress::from_kernel(&other, sizeof(other)).is_set());
  other.sa_family = AF_INET6;
  EXPECT_FALSE(SocketAddress::from_kernel(&other, sizeof(other)).is_set()) << "shorter than an IPv6 address";
  EXPECT_FALSE(SocketAddress::from_kernel(&other, 0).is_set());
}

TEST(SocketAddress, AnUnnamedUnixSocketHasAnEmptyPath) {
  sockaddr_un unnamed{};
  unnamed.sun_family = AF_UNIX;
  sockaddr plain{};
  std::memcpy(&plain, &unnamed, sizeof(plain));
  const auto address = SocketAddress::from_kernel(&plain, sizeof(sa_family_t));
  EXPECT_TRUE(address.is_unix());
  EXPECT_EQ(address.path(), "");
}

TEST(SocketAddress, ChangesOnlyThePort) {
  EXPECT_EQ(ip("10.0.0.5", 1).with_port(6379), ip("10.0.0.5", 6379));
  EXPECT_EQ(ip("::1", 1).with_port(2).port(), 2);
  const auto path = *SocketAddress::from_path("/x");
  EXPECT_EQ(path.with_port(9), path);
  EXPECT_EQ(path.port(), 0);
}

TEST(SocketAddress, UnmapsIpv4InsideIpv6AndNothingElse) {
  EXPECT_EQ(ip("::ffff:10.0.0.5", 7).unmapped(), ip("10.0.0.5", 7));
  EXPECT_EQ(ip("fd00::1", 7).unmapped(), ip("fd00::1", 7));
  EXPECT_EQ(ip("10.0.0.5", 7).unmapped(), ip("10.0.0.5", 7));
}

TEST(SocketAddress, ComparesHostsWhateverThePortOrSpelling) {
  EXPECT_TRUE(ip("10.0.0.5", 1).same_host(ip("::ffff:10.0.0.5", 2)));
  EXPECT_FALSE(ip("10.0.0.5").same_host(ip("10.0.0.6")));
  EXPECT_FALSE(ip("::1").same_host(ip("127.0.0.1")));
  EXPECT_FALSE(SocketAddress{}.same_host(SocketAddress{}));
}

struct Scope {
  const char* text;
  bool loopback, unspecified, link_local, is_private;
};

void PrintTo(const Scope& scope, std::ostream* out) { *out << scope.text; }

class AddressScope : public testing::TestWithParam<Scope> {};

TEST_P(AddressScope, IsToldFromTheAddress) {
  const auto& expected = GetParam();
  const auto address = ip(expected.text);
  EXPECT_EQ(address.is_loopback(), expected.loopback) << expected.text;
  EXPECT_EQ(address.is_unspecified(), expected.unspecified) << expected.text;
  EXPECT_EQ(address.is_link_local(), expected.link_local) << expected.text;
  EXPECT_EQ(address.is_private(), expected.is_private) << expected.text;
}

INSTANTIATE_TEST_SUITE_P(
    Addresses, AddressScope,
    testing::Values(
        Scope{"127.0.0.1", true, false, false, true}, Scope{"127.255.255.255", true, false, false, true},
        Scope{"128.0.0.1", false, false, false, false}, Scope{"::1", true, false, false, true},
        Scope{"::ffff:127.0.0.1", true, false, false, true}, Scope{"0.0.0.0", false, true, false, false},
        Scope{"::", false, true, false, false}, Scope{"::ffff:0.0.0.0", false, true, false, false},
        Scope{"169.254.169.254", false, false, true, true}, Scope{"169.253.0.1", false, false, false, false},
        Scope{"::ffff:169.254.1.1", false, false, true, true}, Scope{"fe80::1", false, false, true, true},
        Scope{"fec0::1", false, false, false, false}, Scope{"10.255.0.1", false, false, false, true},
        Scope{"172.16.0.1", false, false, false, true}, Scope{"172.31.255.255", false, false, false, true},
        Scope{"172.32.0.1", false, false, false, false}, Scope{"192.168.1.52", false, false, false, true},
        Scope{"192.169.0.1", false, false, false, false}, Scope{"100.64.0.1", false, false, false, true},
        Scope{"100.127.255.255", false, false, false, true}, Scope{"100.128.0.1", false, false, false, false},
        Scope{"fd00::1", false, false, false, true}, Scope{"fbff::1", false, false, false, false},
        Scope{"2001:db8::1", false, false, false, false}, Scope{"8.8.8.8", false, false, false, false}));

TEST(SocketAddress, HoldsNothingOfTheMemoryItIsMadeIn) {
  alignas(SocketAddress) std::array<unsigned char, sizeof(SocketAddress)> memory;
  std::memset(memory.data(), 0xff, memory.size());
  const auto* address = new (memory.data()) SocketAddress;
  std::array<unsigned char, sizeof(sockaddr_un)> bytes;
  std::memcpy(bytes.data(), address->raw(), bytes.size());
  EXPECT_EQ(bytes, (std::array<unsigned char, sizeof(sockaddr_un)>{}));
}

TEST(SocketAddress, UnixPathsHaveNoScope) {
  const auto path = *SocketAddress::from_path("/run/x");
  EXPECT_FALSE(path.is_loopback() || path.is_unspecified() || path.is_link_local() || path.is_private());
}

}  // namespace
}  // namespace amb
