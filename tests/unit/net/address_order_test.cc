// SPDX-License-Identifier: Apache-2.0
#include "net/address_order.h"

#include <gtest/gtest.h>

#include "unit/support/network_namespace.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;
using Addresses = std::vector<SocketAddress>;

Addresses ordered(Addresses addresses) {
  order_addresses(addresses);
  return addresses;
}

TEST(AddressOrder, LeavesThoseThatAreAlikeAsTheServerTurnedThem) {
  const Addresses four = {ip("192.0.2.9"), ip("192.0.2.1"), ip("198.51.100.3")};
  EXPECT_EQ(ordered(four), four);
  const Addresses six = {ip("2001:db8::9"), ip("2001:db8::1")};
  EXPECT_EQ(ordered(six), six);
}

TEST(AddressOrder, PutsWhatCannotBeReachedLast) {
  in_network_namespace([] {  // it has a loopback interface and no route to anywhere else
    EXPECT_EQ(ordered({ip("192.0.2.1"), ip("127.0.0.1")}), (Addresses{ip("127.0.0.1"), ip("192.0.2.1")}));
    EXPECT_EQ(ordered({ip("2001:db8::1"), ip("127.0.0.1"), ip("::1")}),
              (Addresses{ip("::1"), ip("127.0.0.1"), ip("2001:db8::1")}));
  });
}

TEST(AddressOrder, OfNothingIsNothing) {
  EXPECT_TRUE(ordered({}).empty());
  EXPECT_EQ(ordered({ip("192.0.2.1")}), (Addresses{ip("192.0.2.1")}));
}

}  // namespace
}  // namespace amb
