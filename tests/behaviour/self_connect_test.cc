// SPDX-License-Identifier: Apache-2.0
//
// Connecting to a free port in the ephemeral range of one's own host can end in a connection with oneself,
// which then holds the port against the real service.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(SelfConnect, NobodyEverTalksToThemselvesThroughUs) {
  constexpr int kTries = 30'000;  // the ephemeral range has about 28,000 ports: each is tried
  const SocketAddress nobody = Provider().address();
  RunningLink link(nobody);
  for (int i = 0; i < kTries; ++i) {
    Peer consumer = Peer::connect_to(link.address());
    consumer.expects_reset();
    if (testing::Test::HasFailure()) FAIL() << "try " << i;
  }
  link.expect_only_failures_of(CloseReason::connect_refused);
  Provider real_service(nobody);  // the port is still free
}

}  // namespace
}  // namespace amb::test
