// SPDX-License-Identifier: Apache-2.0
//
// A link leads elsewhere from one moment to the next: who comes then goes there, who is not connected yet
// goes there too, and who is stays where he is unless he is cut.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"
#include "support/silent_provider.h"

namespace amb::test {
namespace {

/// A link whose sessions would wait for ever for an endpoint that says nothing.
LinkSetup patient_with(std::vector<SocketAddress> endpoints) {
  return {.endpoints = std::move(endpoints),
          .limits = {.connect_timeout = 600'000, .connect_total = 600'000}};
}

void greet(Peer& service, Peer& consumer) {
  service.sends("welcome");
  consumer.expects("welcome");
}

TEST(Rewiring, NewSessionsGoToTheNewEndpointsAtOnce) {
  Provider before, after;
  RunningLink link(LinkSetup{.endpoints = {before.address()}, .workers = 2});
  link.rewire({after.address()});
  for (int i = 0; i < 20; ++i) {
    Peer consumer = Peer::connect_to(link.address());
    Peer service = after.accepts();
    greet(service, consumer);
  }
  EXPECT_FALSE(before.has_visitor());
}

TEST(Rewiring, SessionsThatAreUpGoOn) {
  Provider before, after;
  RunningLink link(before.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = before.accepts();
  link.expect_connected(1);
  link.rewire({after.address()});
  consumer.sends("still with you");
  service.expects("still with you");
  greet(service, consumer);
}

TEST(Rewiring, EveryByteOfASessionArrivesThroughManyRewires) {
  constexpr std::size_t kStep = 100'000;
  Provider before, after;
  RunningLink link(LinkSetup{.endpoints = {before.address()}, .workers = 2});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = before.accepts();
  link.expect_connected(1);
  for (std::size_t round = 0; round < 30; ++round) {
    service.sends_pattern(round, kStep);
    link.rewire({round % 2 == 0 ? after.address() : before.address()});
    consumer.expects_pattern(round, kStep);
  }
}

TEST(Rewiring, CuttingThoseElsewhereResetsThemAndNoOthers) {
  Provider before, after;
  RunningLink link(LinkSetup{.endpoints = {before.address()}, .workers = 2});
  std::vector<Peer> consumers, cut, kept;
  for (int i = 0; i < 8; ++i) consumers.push_back(Peer::connect_to(link.address()));
  for (int i = 0; i < 8; ++i) cut.push_back(before.accepts());
  link.expect_connected(8);
  link.rewire({after.address()});
  for (int i = 0; i < 8; ++i) consumers.push_back(Peer::connect_to(link.address()));
  for (int i = 0; i < 8; ++i) kept.push_back(after.accepts());
  link.cut_elsewhere();
  for (Peer& service : cut) service.expects_reset();
  link.expect_failures(std::vector(8, CloseReason::removed));
  for (std::size_t i = 8; i < 16; ++i) consumers[i].sends("x");
  for (Peer& service : kept) service.expects("x");
}

TEST(Rewiring, SessionsAtAnEndpointThatStaysAreNotElsewhere) {
  Provider first, second;
  RunningLink link(LinkSetup{.endpoints = {first.address(), second.address()}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = first.accepts();
  link.expect_connected(1);
  link.rewire({second.address(), first.address()});
  link.cut_elsewhere();
  greet(service, consumer);
}

TEST(Rewiring, WhoCameBeforeTwoRewiresIsElsewhereUntilTheLinkIsBack) {
  Provider first, second;
  RunningLink link(first.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = first.accepts();
  link.expect_connected(1);
  link.rewire({second.address()});
  link.rewire({first.address()});
  link.cut_elsewhere();
  greet(service, consumer);
  link.rewire({second.address()});
  link.cut_elsewhere();
  consumer.expects_reset();
  link.expect_failures({CloseReason::removed});
}

TEST(Rewiring, ASessionThatIsStillConnectingGoesToTheNewEndpoint) {
  SilentProvider before;
  Provider after;
  RunningLink link(patient_with({before.address()}));
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return before.has_been_asked(); }));
  link.rewire({after.address()});
  link.cut_elsewhere();
  Peer service = after.accepts();
  greet(service, consumer);
}

TEST(Rewiring, AnAttemptAtAnEndpointThatStaysGoesOn) {
  SilentProvider slow;
  Provider other;
  RunningLink link(patient_with({slow.address()}));
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return slow.has_been_asked(); }));
  link.rewire({slow.address(), other.address()});
  const WorkerReport report = link.report();
  ASSERT_EQ(report.sessions.size(), 1U);
  EXPECT_EQ(report.sessions[0].upstream.to_string(), slow.address().to_string());
  EXPECT_FALSE(other.has_visitor());
  consumer.resets();
  link.expect_failures({CloseReason::client_reset});
}

TEST(Rewiring, ASessionThatWaitsForANameGoesToATargetThatIsKnown) {
  Provider after;
  LinkSetup setup = patient_with({});
  setup.has_names = true;
  RunningLink link(setup);
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return link.resolve_requests() == 1; }));
  link.rewire({after.address()});
  Peer service = after.accepts();
  greet(service, consumer);
}

TEST(Rewiring, ASessionThatHasAskedForOneNameWaitsForTheOther) {
  Provider after;
  LinkSetup setup = patient_with({free_address()});
  setup.has_names = true;
  RunningLink link(setup);
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return link.resolve_requests() == 1; }));
  link.change({.routes = {{.link = 0, .limits = setup.limits, .has_names = true}}});
  EXPECT_TRUE(eventually([&] { return link.resolve_requests() == 2; }));
  link.set_endpoints({after.address()});
  Peer service = after.accepts();
  greet(service, consumer);
}

TEST(Rewiring, ALimitOfSessionsAtAnEndpointCountsThoseThatAreThere) {
  SessionBudget one(1);
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  link.expect_connected(1);
  link.change({.routes = {{.link = 0, .endpoints = {{.address = provider.address(), .budget = &one}}}}});
  EXPECT_EQ(one.open(), 1U);
  Peer::connect_to(link.address()).expects_reset();
  link.expect_failures({CloseReason::limit});
  link.rewire({provider.address()});
  EXPECT_EQ(one.open(), 0U);
}

}  // namespace
}  // namespace amb::test
