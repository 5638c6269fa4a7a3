// SPDX-License-Identifier: Apache-2.0
//
// `echo hi | nc` has ended before the provider has even been reached, and `nc -z` ends without a word.
// Neither is a reason to give up the connect, or to lose a byte.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

/// A link whose provider is not known yet, so that the consumer is always first.
LinkSetup undecided() { return {.limits = {.connect_total = 10'000}, .has_names = true}; }

TEST(EarlyEnd, BytesAndEndSentBeforeTheProviderIsReachedArriveThere) {
  Provider provider;
  RunningLink link(undecided());
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("hello");
  consumer.ends();
  consumer.waits_until_delivered();
  link.set_endpoints({provider.address()});

  Peer service = provider.accepts();
  service.expects("hello");
  service.expects_end();
  service.sends("goodbye");
  service.closes();
  consumer.expects("goodbye");
  consumer.expects_end();
}

TEST(EarlyEnd, AConsumerThatOnlyKnocksIsSeenByTheProvider) {
  Provider provider;
  RunningLink link(undecided());
  Peer consumer = Peer::connect_to(link.address());
  consumer.ends();
  link.set_endpoints({provider.address()});
  Peer service = provider.accepts();
  service.expects_end();
  service.closes();
  consumer.expects_end();
}

TEST(EarlyEnd, AConsumerThatResetsBeforeTheProviderIsReachedEndsTheSession) {
  RunningLink link(undecided());
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  consumer.resets();
  link.expect_failures({CloseReason::client_reset});
}

}  // namespace
}  // namespace amb::test
