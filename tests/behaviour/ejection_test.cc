// SPDX-License-Identifier: Apache-2.0
//
// An endpoint that could not be reached is passed over for a while, then one session tries it. Each worker
// finds out for itself.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

/// One session that the provider ends at once.
void visit(const RunningLink& link, Provider& provider) {
  Peer consumer = Peer::connect_to(link.address());
  provider.accepts().closes();
  consumer.expects_end();
}

TEST(Ejection, AnEndpointThatFailsIsTriedOnceAndThenPassedOver) {
  Provider backup;
  const SocketAddress primary = closed_address();
  RunningLink link(LinkSetup{.endpoints = {primary, backup.address()},
                             .spreading = {.eject_after = 1, .eject_for = 3'600'000}});
  visit(link, backup);
  EXPECT_TRUE(eventually([&] { return link.ejections() == 1; }));
  Provider returned(primary);
  for (int i = 0; i < 5; ++i) visit(link, backup);
  EXPECT_FALSE(returned.has_visitor());
  EXPECT_EQ(link.ejections(), 1U);
}

TEST(Ejection, WhenItsTimeIsOverOneSessionTriesItAndItIsBack) {
  Provider backup;
  const SocketAddress primary = closed_address();
  RunningLink link(
      LinkSetup{.endpoints = {primary, backup.address()}, .spreading = {.eject_after = 1, .eject_for = 20}});
  visit(link, backup);
  Provider returned(primary);
  const auto serve = [&] {
    if (backup.has_visitor()) backup.accepts().closes();
    if (returned.has_visitor()) returned.accepts().closes();
    return link.open_sessions() == 0;
  };
  EXPECT_TRUE(eventually([&] {
    Peer::connect_to(link.address()).closes();
    (void)serve();
    return link.returns() == 1;
  }));
  EXPECT_TRUE(eventually(serve));
  visit(link, returned);
}

TEST(Ejection, WhenAllAreEjectedTheyAreTriedAllTheSame) {
  const SocketAddress one = closed_address();
  const SocketAddress other = closed_address();
  RunningLink link(
      LinkSetup{.endpoints = {one, other}, .spreading = {.eject_after = 1, .eject_for = 3'600'000}});
  Peer::connect_to(link.address()).expects_reset();
  link.expect_failures({CloseReason::no_upstream});
  Provider returned(other);
  visit(link, returned);
}

}  // namespace
}  // namespace amb::test
