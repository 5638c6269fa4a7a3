// SPDX-License-Identifier: Apache-2.0
//
// What its connectors make of it needs sessions: tests/behaviour/names_test.cc, rewiring_test.cc.
#include "proxy/route_table.h"

#include <gtest/gtest.h>

#include "unit/proxy/endpoint_at.h"

namespace amb {
namespace {

using test::at;

Route leading(LinkId link, std::uint16_t port, Milliseconds dead_peer = 60'000) {
  return {.link = link, .limits = {.dead_peer = dead_peer}, .endpoints = {{.address = at(port)}}};
}

class RouteTableTest : public testing::Test {
 protected:
  std::string ports(LinkId link) {
    std::string text;
    table_.upstream(link).for_each(0, [&](const Endpoint& endpoint, std::uint32_t, bool) {
      text += (text.empty() ? "" : " ") + std::to_string(endpoint.address.port());
    });
    return text;
  }

  RouteTable table_{{leading(0, 1), leading(3, 2)}, 1, 0};
};

TEST_F(RouteTableTest, HoldsTheLinksThatItWasGivenUnderTheirNumbers) {
  EXPECT_EQ(table_.size(), 4U);
  for (const LinkId link : {0U, 3U}) EXPECT_TRUE(table_.holds(link));
  for (const LinkId link : {1U, 2U, 4U, 400U}) EXPECT_FALSE(table_.holds(link));
  EXPECT_EQ(ports(3), "2");
}

TEST_F(RouteTableTest, TakesANewLinkAndAnotherRouteOfOneThatItHas) {
  table_.put(leading(5, 7), 0);
  EXPECT_EQ(ports(5), "7");
  ++table_.counts(0).opened;
  table_.open(0) = 1;
  Route other = leading(0, 9);
  other.is_drained = other.is_refusing = other.has_names = true;
  table_.put(other, 0);
  EXPECT_EQ(ports(0), "9");
  EXPECT_TRUE(table_.route(0).is_drained && table_.route(0).is_refusing && table_.route(0).has_names);
  EXPECT_EQ(table_.counts(0).opened, 1U) << "it is the same link";
  EXPECT_EQ(table_.open(0), 1U);
}

TEST_F(RouteTableTest, BeginsAnewWithANumberThatWasForgotten) {
  ++table_.counts(3).opened;
  table_.forget(3);
  EXPECT_FALSE(table_.holds(3));
  table_.put(leading(3, 8), 0);
  EXPECT_TRUE(table_.holds(3));
  EXPECT_EQ(table_.counts(3).opened, 0U);
  EXPECT_EQ(ports(3), "8");
}

TEST_F(RouteTableTest, KeepsWhatItKnowsOfAnEndpointThatStays) {
  const Spreading ejecting{.eject_after = 1, .eject_for = 600'000};
  Route route = leading(0, 1);
  route.endpoints.push_back({.address = at(2)});
  route.spreading = ejecting;
  table_.put(route, 0);
  EXPECT_TRUE(table_.upstream(0).failed(table_.upstream(0).slot_of(at(2)), 0));
  route.endpoints.push_back({.address = at(3)});
  table_.put(route, 0);
  EXPECT_FALSE(table_.upstream(0).failed(table_.upstream(0).slot_of(at(2)), 0)) << "it is ejected already";
}

TEST_F(RouteTableTest, SpreadsAsTheNewRouteSays) {
  Route route = leading(0, 1);
  route.endpoints.push_back({.address = at(2)});
  table_.put(route, 0);
  const Upstream::Slot slot = table_.upstream(0).slot_of(at(1));
  EXPECT_FALSE(table_.upstream(0).failed(slot, 0)) << "nobody is ejected by default here";
  route.spreading.eject_after = 1;
  table_.put(route, 0);
  EXPECT_TRUE(table_.upstream(0).failed(slot, 0));
}

TEST_F(RouteTableTest, AsksOnceUntilThereIsAnAnswerOrAnotherRoute) {
  EXPECT_TRUE(table_.begin_asking(0));
  EXPECT_FALSE(table_.begin_asking(0));
  table_.apply({.link = 0, .endpoints = {}, .is_answer = false}, 0);
  EXPECT_FALSE(table_.begin_asking(0)) << "that was no answer";
  table_.apply({.link = 0, .endpoints = {}, .is_answer = true}, 0);
  EXPECT_TRUE(table_.begin_asking(0));
  table_.put(leading(0, 1), 0);
  EXPECT_TRUE(table_.begin_asking(0)) << "the answer would be about other names";
}

TEST_F(RouteTableTest, LooksForDeadPeersAsOftenAsTheMostImpatientLinkWants) {
  EXPECT_EQ(table_.shortest_dead_peer(), 60'000U);
  table_.put(leading(3, 2, 5'000), 0);
  EXPECT_EQ(table_.shortest_dead_peer(), 5'000U);
  table_.forget(3);
  EXPECT_EQ(table_.shortest_dead_peer(), 60'000U);
}

TEST_F(RouteTableTest, IsDrainedApartFromItsUpdates) {
  table_.apply({.link = 0, .endpoints = {}, .is_refusing = true, .is_drained = true}, 0);
  EXPECT_TRUE(table_.route(0).is_refusing);
  EXPECT_FALSE(table_.route(0).is_drained) << "who came before is still served";
  table_.set_drained(0, true);
  EXPECT_TRUE(table_.route(0).is_drained);
}

}  // namespace
}  // namespace amb
