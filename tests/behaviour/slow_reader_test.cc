// SPDX-License-Identifier: Apache-2.0
//
// A reader that does not read holds up its writer, and nothing else: little is kept for it, and nothing is
// lost however late it comes.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

constexpr int kSmallBuffer = 32 * 1024;

TEST(SlowReader, TheWriterIsStoppedAndEverythingArrivesOnceItIsRead) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address(), kSmallBuffer);
  Peer service = provider.accepts();

  const std::size_t sent = service.sends_until_full(3);
  EXPECT_LT(sent, 64U << 20) << "nothing stopped the writer";
  service.ends();
  consumer.expects_pattern(3, sent);
  consumer.expects_end();
}

TEST(SlowReader, OthersAreServedMeanwhile) {
  Provider provider;
  RunningLink link(provider.address());
  Peer sleeper = Peer::connect_to(link.address(), kSmallBuffer);
  Peer for_sleeper = provider.accepts();
  const std::size_t sent = for_sleeper.sends_until_full(3);

  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  consumer.sends("ping");
  service.expects("ping");
  service.sends("pong");
  consumer.expects("pong");
  service.closes();
  consumer.expects_end();

  sleeper.expects_pattern(3, sent);
}

TEST(SlowReader, BothSidesMayWriteEverythingBeforeEitherReads) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();

  const std::size_t to_service = consumer.sends_until_full(1);
  const std::size_t to_consumer = service.sends_until_full(2);
  consumer.ends();
  service.ends();
  service.expects_pattern(1, to_service);
  consumer.expects_pattern(2, to_consumer);
  service.expects_end();
  consumer.expects_end();
}

}  // namespace
}  // namespace amb::test
