// SPDX-License-Identifier: Apache-2.0
//
// Addresses of one name are raced (RFC 8305): one that is slow to answer costs 250 ms and no more, whoever
// answers first has the session, and the other sees a reset and not a byte.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"
#include "support/silent_provider.h"

namespace amb::test {
namespace {

constexpr Milliseconds kAnHour = 3'600'000;

/// No attempt ever has had its time: only a race gets past a silent address.
LinkSetup one_name(const std::vector<SocketAddress>& addresses) {
  std::vector<Endpoint> endpoints = plain_endpoints(addresses);
  for (Endpoint& endpoint : endpoints) endpoint.race_group = 1;
  return {.limits = {.connect_timeout = kAnHour, .connect_total = kAnHour}, .special = endpoints};
}

TEST(Racing, AnAddressThatIsSilentIsRacedByTheNextAndTheEarlyBytesArriveOnce) {
  SilentProvider silent;
  Provider provider;
  RunningLink link(one_name({silent.address(), provider.address()}));
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("early bytes");
  Peer service = provider.accepts();
  service.expects("early bytes");
  service.sends("and back");
  consumer.expects("and back");
  service.has_nothing_to_read();
}

TEST(Racing, ASessionThatHasWonARaceEndsLikeAnyOther) {
  SilentProvider silent;
  Provider provider;
  RunningLink link(one_name({silent.address(), provider.address()}));
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends_pattern(1, 3'000'000);
  consumer.ends();
  Peer service = provider.accepts();
  service.expects_pattern(1, 3'000'000);
  service.expects_end();
  service.sends_pattern(2, 3'000'000);
  service.ends();
  consumer.expects_pattern(2, 3'000'000);
  consumer.expects_end();
}

TEST(Racing, WhenTheSecondIsSilentTooAThirdIsTriedOnceOneOfThemFails) {
  SilentProvider silent, silent_too;
  Provider provider;
  LinkSetup setup = one_name({silent.address(), silent_too.address(), provider.address()});
  setup.limits.connect_timeout = 300;
  RunningLink link(setup);
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  service.sends("welcome");
  consumer.expects("welcome");
}

TEST(Racing, WhenAllAreSilentTheConsumerIsReset) {
  SilentProvider silent, silent_too;
  LinkSetup setup = one_name({silent.address(), silent_too.address()});
  setup.limits = {.connect_timeout = 300, .connect_total = 700};
  RunningLink link(setup);
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::no_upstream});
}

TEST(Racing, TargetsOfTheirOwnAreNotRaced) {
  SilentProvider silent;
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {silent.address(), provider.address()},
                             .limits = {.connect_timeout = kAnHour, .connect_total = 600}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  EXPECT_FALSE(provider.has_visitor());
  link.expect_failures({CloseReason::no_upstream});
}

TEST(Racing, AConsumerThatLeavesDuringARaceLeavesNothing) {
  SilentProvider silent, silent_too;
  RunningLink link(one_name({silent.address(), silent_too.address()}));
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  EXPECT_TRUE(eventually([&] { return silent_too.has_been_asked(); }));
  consumer.resets();
  link.expect_failures({CloseReason::client_reset});
}

}  // namespace
}  // namespace amb::test
