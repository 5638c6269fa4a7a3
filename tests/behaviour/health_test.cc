// SPDX-License-Identifier: Apache-2.0
//
// What checks found decides where sessions go: not to an endpoint that is down, and nowhere before the first
// checks have answered. Those at an endpoint that goes down stay, or are cut where the link says so.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

Endpoint up(const SocketAddress& address) { return {.address = address, .is_up = true}; }
Endpoint down(const SocketAddress& address) { return {.address = address, .is_up = false}; }

RouteUpdate news(std::vector<Endpoint> endpoints) {
  return {.link = 0, .endpoints = std::move(endpoints), .is_answer = false};
}

TEST(Health, SessionsGoToTheFirstEndpointThatIsUp) {
  Provider first, second;
  RunningLink link(LinkSetup{.special = {down(first.address()), up(second.address())}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = second.accepts();
  EXPECT_FALSE(first.has_visitor());
}

TEST(Health, ASessionWaitsForTheFirstChecks) {
  Provider first, second;
  RunningLink link(LinkSetup{.limits = {.connect_total = 600'000},
                             .special = {down(first.address()), down(second.address())},
                             .is_settling = true});
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  link.update(news({down(first.address()), up(second.address())}));
  Peer service = second.accepts();
  service.sends("welcome");
  consumer.expects("welcome");
  EXPECT_FALSE(first.has_visitor());
}

TEST(Health, ASessionIsResetWhenTheFirstChecksFindNobody) {
  Provider first;
  RunningLink link(LinkSetup{
      .limits = {.connect_total = 600'000}, .special = {down(first.address())}, .is_settling = true});
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  link.update(news({down(first.address())}));
  consumer.expects_reset();
  EXPECT_FALSE(first.has_visitor());
  link.expect_failures({CloseReason::no_upstream});
}

TEST(Health, SessionsAtAnEndpointThatGoesDownStayAndNewOnesGoElsewhere) {
  Provider first, second;
  RunningLink link(LinkSetup{.endpoints = {first.address(), second.address()}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = first.accepts();
  service.sends("settled");
  consumer.expects("settled");
  link.update(news({down(first.address()), up(second.address())}));
  EXPECT_TRUE(eventually([&] {
    Peer::connect_to(link.address()).closes();
    if (first.has_visitor()) first.accepts().closes();
    return second.has_visitor();
  }));
  while (link.open_sessions() > 1) {
    if (second.has_visitor()) second.accepts().closes();
  }
  consumer.sends("still with you");
  service.expects("still with you");
  consumer.closes();
  service.closes();
  second
      .stops_listening();  // the last who came may be let in only now, and nobody else would end that session
  (void)link.failures();
}

TEST(Health, CuttingAnEndpointResetsItsSessionsAndNoOthers) {
  Provider first, second;
  RunningLink link(LinkSetup{.endpoints = {first.address(), second.address()},
                             .spreading = {.policy = Policy::round_robin},
                             .workers = 2});
  std::vector<Peer> consumers;
  for (int i = 0; i < 8; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.expect_open_sessions(8);
  std::vector<Peer> cut, kept;
  EXPECT_TRUE(eventually([&] {
    if (first.has_visitor()) cut.push_back(first.accepts());
    if (second.has_visitor()) kept.push_back(second.accepts());
    return cut.size() + kept.size() == 8;
  }));
  ASSERT_FALSE(cut.empty());
  ASSERT_FALSE(kept.empty());
  link.update(news({down(first.address()), up(second.address())}));
  link.cut_endpoint(first.address());
  for (Peer& service : cut) service.expects_reset();
  link.expect_failures(std::vector(cut.size(), CloseReason::endpoint_down));
  for (Peer& service : kept) service.sends("all is well");
  link.expect_open_sessions(kept.size());
}

TEST(Health, AnEndpointsLimitOfSessionsHoldsOverAllWorkers) {
  SessionBudget three(3);
  Provider first, second;
  RunningLink link(LinkSetup{
      .workers = 2, .special = {{.address = first.address(), .budget = &three}, up(second.address())}});
  std::vector<Peer> consumers, at_first, at_second;
  for (int i = 0; i < 10; ++i) {
    consumers.push_back(Peer::connect_to(link.address()));
    EXPECT_TRUE(eventually([&] { return first.has_visitor() || second.has_visitor(); }));
    if (first.has_visitor()) at_first.push_back(first.accepts());
    if (second.has_visitor()) at_second.push_back(second.accepts());
  }
  EXPECT_EQ(at_first.size(), 3U);
  EXPECT_EQ(at_second.size(), 7U);
  at_first.clear();
  consumers.clear();
  at_second.clear();
  link.expect_open_sessions(0);
  EXPECT_EQ(three.open(), 0U);
  (void)link.failures();
}

TEST(Health, WhenEveryEndpointIsFullTheConsumerIsResetForTheLimit) {
  SessionBudget one(1);
  Provider provider;
  RunningLink link(LinkSetup{.special = {{.address = provider.address(), .budget = &one}}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  Peer::connect_to(link.address()).expects_reset();
  link.expect_failures({CloseReason::limit});
}

}  // namespace
}  // namespace amb::test
