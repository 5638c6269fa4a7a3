// SPDX-License-Identifier: Apache-2.0
//
// Listening addresses come, go and change hands while sessions run: whoever got through is served, and an
// address that stays is never closed for a moment.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

SocketAddress free_path(const std::string& name) {
  return *SocketAddress::from_path("@ambassador." + name + "." + std::to_string(::getpid()));
}

void serve(Provider& provider, Peer& consumer) {
  Peer service = provider.accepts();
  service.sends("served");
  consumer.expects("served");
}

TEST(ListenerChange, OneThatIsOpenedLeadsWhereItsLinkDoes) {
  Provider first, second;
  RunningLink link(LinkSetup{.endpoints = {first.address()}, .workers = 2});
  const SocketAddress opened = free_address();
  link.change({.routes = {leading(1, {second.address()})}, .opened = {{7, 1, opened}}});
  for (int i = 0; i < 10; ++i) {
    Peer consumer = Peer::connect_to(opened), other = Peer::connect_to(link.address());
    serve(second, consumer);
    serve(first, other);
  }
}

TEST(ListenerChange, OneThatIsClosedRefusesAndItsSessionsGoOn) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  const SocketAddress opened = free_address();
  link.change({.opened = {{1, 0, opened}}, .closed = {0}});
  EXPECT_TRUE(is_refused(link.address()));
  service.sends("still here");
  consumer.expects("still here");
  Peer other = Peer::connect_to(opened);
  serve(provider, other);
}

TEST(ListenerChange, ConsumersInTheQueueOfOneThatClosesAreServed) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2});
  std::vector<Peer> consumers;
  for (int i = 0; i < 100; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.change({.closed = {0}});
  for (int i = 0; i < 100; ++i) {
    Peer service = provider.accepts();
    service.sends("served");
    service.closes();
  }
  for (Peer& consumer : consumers) {
    consumer.expects("served");
    consumer.expects_end();
  }
}

TEST(ListenerChange, ConsumersInTheQueueOfARemovedLinkAreServed) {
  Provider provider;
  RunningLink link(provider.address());
  std::vector<Peer> consumers;
  for (int i = 0; i < 100; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.change({.closed = {0}, .removed = {0}});
  for (int i = 0; i < 100; ++i) provider.accepts().closes();
  for (Peer& consumer : consumers) {
    consumer.expects_end();
    consumer.closes();
  }
  EXPECT_TRUE(eventually([&] { return link.is_gone(); }));
}

TEST(ListenerChange, OneMovesToAnotherLinkWithoutARefusedConnect) {
  Provider first, second;
  RunningLink link(LinkSetup{.endpoints = {first.address()}, .workers = 2});
  link.change({.routes = {leading(1, {second.address()})}});
  for (int round = 0; round < 20; ++round) {
    const bool is_first = round % 2 == 1;
    std::vector<Peer> before;
    for (int i = 0; i < 5; ++i) before.push_back(Peer::connect_to(link.address()));
    link.change({.moved = {{0, is_first ? 0U : 1U}}});
    Peer consumer = Peer::connect_to(link.address());
    for (std::size_t served = 0; served < 6;) {
      for (Provider* provider : {&first, &second}) {
        while (provider->has_visitor()) provider->accepts().sends(provider == &first ? "1" : "2"), ++served;
      }
    }
    consumer.expects(is_first ? "1" : "2");
  }
  (void)link.failures();  // the others left without reading
}

TEST(ListenerChange, OneThatMovesToALinkThatRefusesIsClosedMeanwhile) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2, .listen = free_address()});
  link.change({.routes = {{.link = 1, .is_refusing = true}}, .moved = {{0, 1}}});
  EXPECT_TRUE(is_refused(link.address()));
  link.change({.moved = {{0, 0}}});
  Peer consumer = Peer::connect_to(link.address());
  serve(provider, consumer);
}

TEST(ListenerChange, OneOfALinkThatRefusesWaitsUntilItHasAnEndpoint) {
  Provider provider;
  RunningLink link(LinkSetup{.workers = 2, .listen = free_address(), .is_refusing = true});
  const SocketAddress opened = free_address();
  link.change({.opened = {{1, 0, opened}}});
  EXPECT_TRUE(is_refused(opened));
  link.rewire({provider.address()});
  Peer consumer = Peer::connect_to(opened);
  serve(provider, consumer);
}

TEST(ListenerChange, AUnixPathThatWorkersShareClosesForAll) {
  Provider provider;
  const SocketAddress path = free_path("closes");
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 1, .listen = path});
  Peer consumer = Peer::connect_to(path);
  link.change({.closed = {0}});
  EXPECT_TRUE(is_refused(path));
  serve(provider, consumer);
}

TEST(ListenerChange, NothingIsOpenedOnceTheEndHasBegun) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2});
  link.drain();
  const SocketAddress opened = free_address();
  link.change({.opened = {{1, 0, opened}}});
  EXPECT_TRUE(is_refused(opened));
  EXPECT_TRUE(eventually([&] { return link.is_drained(); }));
}

}  // namespace
}  // namespace amb::test
