// SPDX-License-Identifier: Apache-2.0
//
// Draining: whoever got through is served to the end, nobody new is let in.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

/// Those that asked whether it is closed before it was: the kernel had let them in.
void let_knockers_go(Provider& provider, const RunningLink& link) {
  EXPECT_TRUE(eventually([&] {
    if (provider.has_visitor()) provider.accepts().closes();
    return link.open_sessions() == 1;
  }));
}

TEST(Draining, SessionsGoOnToTheirEndWhileNewConsumersAreRefused) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  link.drain();
  EXPECT_TRUE(eventually([&] { return is_refused(link.address()); }));
  EXPECT_FALSE(link.is_drained());
  let_knockers_go(provider, link);

  service.sends_pattern(1, 1 << 20);
  service.closes();
  consumer.expects_pattern(1, 1 << 20);
  consumer.expects_end();
  consumer.closes();
  EXPECT_TRUE(eventually([&] { return link.is_drained(); }));
}

TEST(Draining, ConnectionsThatTheKernelHasAcceptedAreNotTurnedAway) {
  Provider provider;
  RunningLink link(provider.address());
  std::vector<Peer> consumers;
  for (int i = 0; i < 100; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.drain();
  for (int i = 0; i < 100; ++i) {
    Peer service = provider.accepts();
    service.sends("served");
    service.closes();
  }
  for (Peer& consumer : consumers) {
    consumer.expects("served");
    consumer.expects_end();
    consumer.closes();
  }
  EXPECT_TRUE(eventually([&] { return link.is_drained(); }));
}

TEST(Draining, WhatIsLeftAtTheDeadlineIsReset) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  link.drain();
  link.cut(CloseReason::drain_deadline);
  consumer.expects_reset();
  service.expects_reset();
  link.expect_failures({CloseReason::drain_deadline});
  EXPECT_TRUE(eventually([&] { return link.is_drained(); }));
}

}  // namespace
}  // namespace amb::test
