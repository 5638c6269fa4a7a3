// SPDX-License-Identifier: Apache-2.0
//
// A link that leaves the wiring is gone when the last of its sessions is, and not before.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(RemovedLink, IsGoneAtOnceWithoutSessions) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 3});
  link.change({.closed = {0}, .removed = {0}});
  EXPECT_TRUE(eventually([&] { return link.is_gone(); }));
  EXPECT_TRUE(is_refused(link.address()));
}

TEST(RemovedLink, IsGoneWhenItsLastSessionHasEnded) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2});
  std::vector<Peer> consumers, services;
  for (int i = 0; i < 8; ++i) {
    consumers.push_back(Peer::connect_to(link.address()));
    services.push_back(provider.accepts());
  }
  link.change({.closed = {0}, .removed = {0}});
  while (!services.empty()) {
    EXPECT_FALSE(link.is_gone());
    services.back().sends("to the end");
    services.pop_back();
    link.expect_open_sessions(services.size() + 1);
    consumers.pop_back();
    link.expect_open_sessions(services.size());
  }
  EXPECT_TRUE(eventually([&] { return link.is_gone(); }));
  (void)link.failures();
}

TEST(RemovedLink, ItsSessionsAreCutAndThoseOfOthersAreNot) {
  Provider first, second;
  RunningLink link(LinkSetup{.endpoints = {first.address()}, .workers = 2});
  const SocketAddress other = free_address();
  link.change({.routes = {leading(1, {second.address()})}, .opened = {{1, 1, other}}});
  Peer cut = Peer::connect_to(link.address()), kept = Peer::connect_to(other);
  Peer cut_service = first.accepts(), kept_service = second.accepts();
  link.change({.closed = {0}, .removed = {0}});
  link.cut_link(0);
  cut.expects_reset();
  cut_service.expects_reset();
  link.expect_failures({CloseReason::removed});
  EXPECT_TRUE(eventually([&] { return link.is_gone(); }));
  kept.sends("not me");
  kept_service.expects("not me");
}

TEST(RemovedLink, ASessionThatStillConnectsIsServed) {
  Provider provider;
  LinkSetup setup{.limits = {.connect_total = 600'000}, .is_settling = true};
  RunningLink link(setup);
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  link.update({.link = 0, .endpoints = plain_endpoints({provider.address()})});
  link.change({.closed = {0}, .removed = {0}});
  Peer service = provider.accepts();
  service.sends("in time");
  consumer.expects("in time");
  EXPECT_FALSE(link.is_gone());
}

TEST(RemovedLink, ItsNumberCanBeAnotherLinks) {
  Provider first, second;
  RunningLink link(first.address());
  Peer::connect_to(link.address()).closes();
  first.accepts().closes();
  link.expect_open_sessions(0);
  link.change({.closed = {0}, .removed = {0}});
  EXPECT_TRUE(eventually([&] { return link.is_gone(); }));
  EXPECT_TRUE(link.report_of_links().links.empty());
  const SocketAddress other = free_address();
  link.change({.routes = {leading(0, {second.address()})}, .opened = {{1, 0, other}}});
  EXPECT_EQ(link.link_report().counts.opened, 0U) << "it begins anew";
  Peer consumer = Peer::connect_to(other);
  Peer service = second.accepts();
  EXPECT_EQ(link.link_report().counts.opened, 1U);
}

}  // namespace
}  // namespace amb::test
