// SPDX-License-Identifier: Apache-2.0
//
// A consumer may vanish at any moment. What the provider got is then a beginning of what was sent, and it is
// told by a reset.
#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

class ResetAtAnyByte : public testing::TestWithParam<unsigned> {};

TEST_P(ResetAtAnyByte, TheProviderHasABeginningOfWhatWasSentAndThenAReset) {
  std::mt19937 random(GetParam());
  Provider provider;
  RunningLink link(provider.address());
  for (int round = 0; round < 20; ++round) {
    const std::size_t bytes = random() % (1U << (random() % 22));
    Peer consumer = Peer::connect_to(link.address());
    Peer service = provider.accepts();
    std::thread sender([&] {
      consumer.sends_pattern(7, bytes);
      consumer.resets();
    });
    const auto rest = service.reads_rest(7);
    sender.join();
    EXPECT_LE(rest.bytes, bytes);
    EXPECT_TRUE(rest.was_reset) << "an end was made up after " << rest.bytes << " bytes, seed " << GetParam();
  }
  link.expect_failures(std::vector(20, CloseReason::client_reset));
}

INSTANTIATE_TEST_SUITE_P(Seeds, ResetAtAnyByte, testing::Range(1U, 11U));

}  // namespace
}  // namespace amb::test
