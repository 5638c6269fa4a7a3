// SPDX-License-Identifier: Apache-2.0
//
// One side may end while the other goes on for as long as it likes: `nc`, rsh, HTTP/1.0 and databases need
// it.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

TEST(HalfClose, TheConsumerEndsAndTheReplyStillComesInFull) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();

  consumer.sends_pattern(1, kMiB);
  consumer.ends();
  service.expects_pattern(1, kMiB);
  service.expects_end();
  consumer.has_nothing_to_read();
  service.sends_pattern(2, kMiB);
  service.closes();
  consumer.expects_pattern(2, kMiB);
  consumer.expects_end();
}

TEST(HalfClose, TheProviderEndsAndTheConsumerGoesOnSending) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();

  service.sends_pattern(1, kMiB);
  service.ends();
  consumer.expects_pattern(1, kMiB);
  consumer.expects_end();
  service.has_nothing_to_read();
  consumer.sends_pattern(2, kMiB);
  consumer.closes();
  service.expects_pattern(2, kMiB);
  service.expects_end();
}

TEST(HalfClose, ASessionIsOverOnlyWhenBothSidesHaveEnded) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();

  consumer.ends();
  service.expects_end();
  EXPECT_EQ(link.open_sessions(), 1U);
  service.ends();
  consumer.expects_end();
  link.expect_open_sessions(0);
}

}  // namespace
}  // namespace amb::test
