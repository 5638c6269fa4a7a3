// SPDX-License-Identifier: Apache-2.0
//
// One session is ended by its number, by reset, and no other.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"
#include "support/silent_provider.h"

namespace amb::test {
namespace {

TEST(ClosingASession, ResetsBothSidesAndLeavesTheOthersAlone) {
  Provider provider;
  RunningLink link(provider.address());
  Peer first = Peer::connect_to(link.address());
  Peer first_service = provider.accepts();
  Peer second = Peer::connect_to(link.address());
  Peer second_service = provider.accepts();
  EXPECT_TRUE(link.close_session(1));
  first.expects_reset();
  first_service.expects_reset();
  link.expect_failures({CloseReason::removed});
  second.sends("not me");
  second_service.expects("not me");
}

TEST(ClosingASession, EndsOneThatIsStillConnecting) {
  SilentProvider silent;
  RunningLink link(LinkSetup{.endpoints = {silent.address()},
                             .limits = {.connect_timeout = 600'000, .connect_total = 600'000}});
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return silent.has_been_asked(); }));
  EXPECT_TRUE(link.close_session(1));
  consumer.expects_reset();
  link.expect_failures({CloseReason::removed});
}

TEST(ClosingASession, SaysWhenThereIsNoSuchSession) {
  Provider provider;
  RunningLink link(provider.address());
  EXPECT_FALSE(link.close_session(1));
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  EXPECT_FALSE(link.close_session(0));
  EXPECT_FALSE(link.close_session(2));
  EXPECT_TRUE(link.close_session(1));
  EXPECT_FALSE(link.close_session(1)) << "it has ended";
  link.expect_failures({CloseReason::removed});
}

}  // namespace
}  // namespace amb::test
