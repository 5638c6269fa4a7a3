// SPDX-License-Identifier: Apache-2.0
//
// A name may have no address yet, or another one than a moment ago; the session that finds out is served all
// the same.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"
#include "support/silent_provider.h"

namespace amb::test {
namespace {

LinkSetup named(std::vector<SocketAddress> endpoints) {
  return {.endpoints = std::move(endpoints), .limits = {.connect_total = 10'000}, .has_names = true};
}

TEST(Names, ASessionWaitsForANameThatIsStillBeingResolved) {
  Provider provider;
  RunningLink link(named({}));
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return link.resolve_requests() == 1; }));
  link.set_endpoints({provider.address()});
  Peer service = provider.accepts();
  service.sends("welcome");
  consumer.expects("welcome");
}

TEST(Names, ASessionIsResetWhenTheNameHasNoAddress) {
  RunningLink link(named({}));
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return link.resolve_requests() == 1; }));
  link.set_endpoints({});
  consumer.expects_reset();
  link.expect_failures({CloseReason::no_upstream});
}

TEST(Names, AProviderThatMovedIsReachedByTheVerySessionThatFindsItGone) {
  Provider new_place;
  RunningLink link(named({closed_address()}));
  Peer consumer = Peer::connect_to(link.address());
  EXPECT_TRUE(eventually([&] { return link.resolve_requests() == 1; }));
  link.set_endpoints({new_place.address()});
  Peer service = new_place.accepts();
  service.sends("over here now");
  consumer.expects("over here now");
}

TEST(Names, ManySessionsAskTheResolverOnce) {
  Provider provider;
  RunningLink link(named({}));
  std::vector<Peer> consumers;
  for (int i = 0; i < 50; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.expect_open_sessions(50);
  EXPECT_EQ(link.resolve_requests(), 1U);
  link.set_endpoints({provider.address()});
  for (int i = 0; i < 50; ++i) provider.accepts().closes();
  for (Peer& consumer : consumers) consumer.expects_end();
}

TEST(Names, SessionsThatAreUpKeepTheirProviderWhenTheNameMoves) {
  Provider old_place;
  Provider new_place;
  RunningLink link(named({old_place.address()}));
  Peer consumer = Peer::connect_to(link.address());
  Peer service = old_place.accepts();
  link.set_endpoints({new_place.address()});
  EXPECT_TRUE(eventually([&] {  // a consumer that comes while the worker still accepts meets the old place
    Peer::connect_to(link.address()).closes();
    if (old_place.has_visitor()) old_place.accepts().closes();
    return new_place.has_visitor();
  }));
  while (link.open_sessions() > 1) {
    if (new_place.has_visitor()) new_place.accepts().closes();
  }
  consumer.sends("still with you");
  service.expects("still with you");
  new_place
      .stops_listening();  // the last who came may be let in only now, and nobody else would end that session
  (void)link.failures();
}

TEST(Names, SessionsThatAreOnTheirWayBeginAnewWhenTheListHasBecomeShorter) {
  SilentProvider slow[3];
  Provider provider;
  LinkSetup setup = named({slow[0].address(), slow[1].address(), slow[2].address()});
  setup.spreading.policy = Policy::round_robin;
  setup.limits.connect_timeout = 300;
  setup.has_names = false;
  RunningLink link(setup);
  std::vector<Peer> consumers;
  for (int i = 0; i < 3; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.expect_open_sessions(3);
  link.set_endpoints({closed_address(), provider.address()});
  for (int i = 0; i < 3; ++i) provider.accepts().closes();
  for (Peer& consumer : consumers) consumer.expects_end();
}

}  // namespace
}  // namespace amb::test
