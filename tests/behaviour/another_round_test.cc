// SPDX-License-Identifier: Apache-2.0
//
// When every endpoint has failed a session pauses and tries them again, for as often as connect_retries says
// or as long as hold does; a provider that restarts in between is reached by it. Nothing is read of the
// consumer meanwhile.
#include <gtest/gtest.h>

#include <optional>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(AnotherRound, AProviderThatComesBackBetweenTwoRoundsIsReached) {
  const SocketAddress address = closed_address();
  RunningLink link(
      LinkSetup{.endpoints = {address}, .limits = {.connect_total = 10'000, .connect_retries = 60'000}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("patience");
  link.expect_open_sessions(1);
  Provider provider(address);
  Peer service = provider.accepts();
  service.expects("patience");
}

TEST(AnotherRound, ThereAreNoMoreThanWasAllowed) {
  RunningLink link(LinkSetup{.endpoints = {closed_address(), closed_address()},
                             .limits = {.connect_total = 600'000, .connect_retries = 2}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::no_upstream});
}

TEST(AnotherRound, TheTimeForAllOfThemIsConnectTotal) {
  RunningLink link(LinkSetup{.endpoints = {closed_address()},
                             .limits = {.connect_total = 300, .connect_retries = 60'000}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::connect_refused});
}

TEST(AnotherRound, NewEndpointsEndThePauseAtOnce) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {closed_address()}, .limits = {.hold = 60'000}});
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  link.set_endpoints({provider.address()});
  Peer service = provider.accepts();
  service.sends("welcome");
  consumer.expects("welcome");
}

TEST(AnotherRound, AHeldSessionWaitsForItsFirstEndpointAndHearsTheServerFirst) {
  Provider provider;
  RunningLink link(LinkSetup{.limits = {.connect_total = 100, .hold = 60'000}});
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  link.set_endpoints({provider.address()});
  Peer service = provider.accepts();
  service.sends("220 ready");
  consumer.expects("220 ready");
}

TEST(AnotherRound, AHeldSessionIsResetWhenItsTimeIsOver) {
  RunningLink link(LinkSetup{.limits = {.connect_total = 100, .hold = 300}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::no_upstream});
}

TEST(AnotherRound, AHeldSessionWhoseConsumerLeavesIsOver) {
  RunningLink link(LinkSetup{.limits = {.hold = 600'000}});
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  consumer.resets();
  link.expect_failures({CloseReason::client_reset});
}

TEST(AnotherRound, AHeldSessionAsksTheResolverAgainInEachRound) {
  RunningLink link(LinkSetup{.limits = {.hold = 600'000}, .has_names = true});
  Peer consumer = Peer::connect_to(link.address());
  for (std::size_t asked = 1; asked <= 3; ++asked) {
    EXPECT_TRUE(eventually([&] { return link.resolve_requests() == asked; }));
    link.set_endpoints({});
  }
  Provider provider;
  EXPECT_TRUE(eventually([&] { return link.resolve_requests() == 4; }));
  link.set_endpoints({provider.address()});
  provider.accepts();
}

}  // namespace
}  // namespace amb::test
