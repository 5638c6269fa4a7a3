// SPDX-License-Identifier: Apache-2.0
//
// At the session limit the next consumer waits in the kernel's backlog and is served when another one leaves.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(SessionLimit, TheNextConsumerIsServedWhenOneLeaves) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2, .max_sessions = 2});
  Peer first = Peer::connect_to(link.address());
  Peer first_service = provider.accepts();
  Peer second = Peer::connect_to(link.address());
  Peer second_service = provider.accepts();
  Peer third = Peer::connect_to(link.address());
  third.sends("is it my turn?");
  EXPECT_TRUE(eventually([&] { return link.session_limit().has_value(); }));
  EXPECT_FALSE(provider.has_visitor());
  EXPECT_GT(link.report(0).limit_pauses + link.report(1).limit_pauses, 0U);

  first.closes();
  first_service.closes();
  Peer third_service = provider.accepts();
  third_service.expects("is it my turn?");
  EXPECT_LE(link.open_sessions(), 2U);
}

TEST(SessionLimit, TwoAmbassadorsWiredToEachOtherStopAtTheLimitAndAreSuspected) {
  // Each leads to the other: one consumer would make sessions without end.
  RunningLink here(LinkSetup{.max_sessions = 20, .has_names = true});
  RunningLink there(LinkSetup{.endpoints = {here.address()}, .max_sessions = 20});
  here.set_endpoints({there.address()});
  Peer consumer = Peer::connect_to(here.address());
  EXPECT_TRUE(eventually([&] { return here.session_limit() || there.session_limit(); }));
  const auto limit = here.session_limit() ? here.session_limit() : there.session_limit();
  EXPECT_GT(limit->looping * 2, limit->open);
  consumer.resets();  // and the whole chain comes down
  here.expect_open_sessions(0);
  there.expect_open_sessions(0);
  here.expect_failures(std::vector(20, CloseReason::client_reset));
  there.expect_failures(std::vector(20, CloseReason::client_reset));
}

}  // namespace
}  // namespace amb::test
