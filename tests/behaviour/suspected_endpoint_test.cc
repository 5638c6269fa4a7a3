// SPDX-License-Identifier: Apache-2.0
//
// Of a link whose endpoints are checked a worker tells which of them a session could not reach, even when
// another one took it; however many sessions fail, it does not tell each time.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

/// Sessions that the backup ends at once, because nobody is at the primary.
void fail_over(const RunningLink& link, Provider& backup, int times) {
  for (int i = 0; i < times; ++i) {
    Peer consumer = Peer::connect_to(link.address());
    backup.accepts().closes();
    consumer.expects_end();
  }
}

TEST(SuspectedEndpoint, IsToldAndNotByEachSessionThatMeetsIt) {
  Provider backup;
  const SocketAddress primary = closed_address();
  RunningLink link(LinkSetup{.endpoints = {primary, backup.address()}, .is_checked = true});
  constexpr int kSessions = 50;
  fail_over(link, backup, kSessions);
  EXPECT_TRUE(eventually([&] { return !link.suspects().empty(); }));
  for (const CompactAddress& suspect : link.suspects()) EXPECT_EQ(suspect, CompactAddress(primary));
  EXPECT_LT(link.suspects().size(), std::size_t{kSessions});
}

TEST(SuspectedEndpoint, IsToldToNobodyWhereNothingIsChecked) {
  Provider backup;
  RunningLink link(LinkSetup{.endpoints = {closed_address(), backup.address()}});
  fail_over(link, backup, 3);
  EXPECT_TRUE(link.suspects().empty());
}

}  // namespace
}  // namespace amb::test
