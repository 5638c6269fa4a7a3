// SPDX-License-Identifier: Apache-2.0
//
// One link that is drained: who has got through is served to the end, nobody new is let in until it resumes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

RouteUpdate drained(const Provider& provider) {
  return {.link = 0,
          .endpoints = plain_endpoints({provider.address()}),
          .is_refusing = true,
          .is_drained = true,
          .is_answer = false};
}

TEST(DrainedLink, RefusesConsumersWhileItsSessionsGoOn) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2, .listen = free_address()});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  link.update(drained(provider));
  link.settle();
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(is_refused(link.address()));
  consumer.sends("still here");
  service.expects("still here");
}

TEST(DrainedLink, ServesAgainWhenItResumes) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2, .listen = free_address()});
  for (int round = 0; round < 5; ++round) {
    link.update(drained(provider));
    link.settle();
    EXPECT_TRUE(is_refused(link.address()));
    link.set_endpoints({provider.address()});
    link.settle();
    Peer consumer = Peer::connect_to(link.address());
    Peer service = provider.accepts();
    service.sends("welcome");
    consumer.expects("welcome");
  }
}

TEST(DrainedLink, ServesWhoHadGotThrough) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2, .listen = free_address()});
  std::vector<Peer> consumers;
  for (int i = 0; i < 100; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.update(drained(provider));
  for (int i = 0; i < 100; ++i) {
    Peer service = provider.accepts();
    service.sends("served");
    service.closes();
  }
  for (Peer& consumer : consumers) {
    consumer.expects("served");
    consumer.expects_end();
  }
}

TEST(DrainedLink, AUnixSocketGoesOnAcceptingAndItsConsumersSeeTheEnd) {
  Provider provider;
  const auto path = SocketAddress::from_path("@ambassador.drained." + std::to_string(::getpid()));
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .listen = path});
  link.update(drained(provider));
  link.settle();
  Peer::connect_to(*path).expects_end();
  link.expect_failures({CloseReason::removed});
  EXPECT_FALSE(provider.has_visitor());
  link.set_endpoints({provider.address()});
  link.settle();
  Peer consumer = Peer::connect_to(*path);
  Peer service = provider.accepts();
  service.sends("welcome");
  consumer.expects("welcome");
}

TEST(DrainedLink, StaysDrainedWhenItLeadsElsewhere) {
  Provider before, after;
  RunningLink link(LinkSetup{.endpoints = {before.address()}, .workers = 2, .listen = free_address()});
  link.update(drained(before));
  Route route = leading(0, {after.address()});
  route.is_refusing = route.is_drained = true;
  link.change({.routes = {route}});
  EXPECT_TRUE(is_refused(link.address()));
  link.set_endpoints({after.address()});
  link.settle();
  Peer consumer = Peer::connect_to(link.address());
  Peer service = after.accepts();
  service.sends("welcome");
  consumer.expects("welcome");
}

}  // namespace
}  // namespace amb::test
