// SPDX-License-Identifier: Apache-2.0
//
// What a side had sent before it reset belongs to the other one: all of it is delivered, then the reset is
// passed on. Never an end, which would say that the answer is complete.
#include <gtest/gtest.h>

#include "net/socket.h"
#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

constexpr int kSmallBuffer = 64 * 1024;

LinkSetup patient(const Provider& provider) {
  return {.endpoints = {provider.address()}, .limits = {.abort_flush = 10'000}};
}

TEST(ResetAfterDelivery, EverythingTheProviderSentReachesASlowConsumerBeforeTheReset) {
  Provider provider;
  RunningLink link(patient(provider));
  Peer consumer = Peer::connect_to(link.address(), kSmallBuffer);
  Peer service = provider.accepts();

  consumer.sends("a request that is never read");
  const std::size_t sent = service.sends_until_full(1);
  // The consumer takes what it needs for all of it to be with the ambassador; the request lies unread, so
  // closing resets.
  std::size_t read = 0;
  while (service.is_connected() && read < sent) {
    const std::size_t chunk = std::min<std::size_t>(kSmallBuffer, sent - read);
    consumer.expects_pattern(1, chunk, read);
    read += chunk;
    if (unacknowledged_bytes(service.fd()) == 0) service.closes();
  }
  consumer.expects_pattern(1, sent - read, read);
  consumer.expects_reset();
  link.expect_failures({CloseReason::upstream_reset});
}

TEST(ResetAfterDelivery, EverythingTheConsumerSentReachesASlowProviderBeforeTheReset) {
  Provider provider;
  RunningLink link(patient(provider));
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();

  consumer.sends_pattern(1, 512 * 1024);
  consumer.waits_until_delivered();
  consumer.resets();
  const auto rest = service.reads_rest(1);
  EXPECT_EQ(rest.bytes, 512U * 1024);
  EXPECT_TRUE(rest.was_reset);
  link.expect_failures({CloseReason::client_reset});
}

TEST(ResetAfterDelivery, AResetAfterTheProvidersEndIsStillAReset) {
  Provider provider;
  RunningLink link(patient(provider));
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();

  service.sends("all there is");
  service.ends();
  consumer.expects("all there is");
  consumer.expects_end();
  service.resets();
  link.expect_failures({CloseReason::upstream_reset});
}

TEST(ResetAfterDelivery, AConsumerThatNeverReadsIsGivenUpAfterAWhile) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .limits = {.abort_flush = 50}});
  Peer consumer = Peer::connect_to(link.address(), kSmallBuffer);
  Peer service = provider.accepts();
  service.sends_until_full(1);
  service.resets();
  link.expect_failures({CloseReason::upstream_reset});
  const auto rest = consumer.reads_rest(1);
  EXPECT_TRUE(rest.was_reset);
}

}  // namespace
}  // namespace amb::test
