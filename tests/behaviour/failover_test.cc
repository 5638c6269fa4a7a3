// SPDX-License-Identifier: Apache-2.0
//
// Endpoints are tried in order while no byte of the consumer has been handed over. When none answers, the
// consumer is reset: an end would look like an empty answer.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"
#include "support/silent_provider.h"

namespace amb::test {
namespace {

TEST(Failover, AnEndpointThatRefusesIsPassedOver) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {closed_address(), provider.address()}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("early bytes");
  Peer service = provider.accepts();
  service.expects("early bytes");
}

TEST(Failover, AnEndpointThatIsSilentIsPassedOverAndTheOtherGetsTheEarlyBytesOnce) {
  SilentProvider silent;
  Provider provider;
  RunningLink link(
      LinkSetup{.endpoints = {silent.address(), provider.address()}, .limits = {.connect_timeout = 100}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("early bytes");
  Peer service = provider.accepts();
  service.expects("early bytes");
  service.has_nothing_to_read();
}

TEST(Failover, WhenTheOnlyEndpointRefusesTheConsumerIsReset) {
  RunningLink link(closed_address());
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::connect_refused});
}

TEST(Failover, WhenTheOnlyEndpointIsSilentTheConsumerIsReset) {
  SilentProvider silent;
  RunningLink link(LinkSetup{.endpoints = {silent.address()}, .limits = {.connect_total = 100}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::connect_timeout});
}

TEST(Failover, WhenEveryEndpointFailsTheConsumerIsReset) {
  RunningLink link(LinkSetup{.endpoints = {closed_address(), closed_address()}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::no_upstream});
}

TEST(Failover, OnceAByteWasHandedOverNothingIsEverSentAgain) {
  Provider first;
  Provider second;
  RunningLink link(LinkSetup{.endpoints = {first.address(), second.address()}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("0123456789 and more");
  Peer service = first.accepts();
  service.expects("0123456789");
  service.resets();
  consumer.expects_reset();
  EXPECT_FALSE(second.has_visitor());
  link.expect_failures({CloseReason::upstream_reset});
}

}  // namespace
}  // namespace amb::test
