// SPDX-License-Identifier: Apache-2.0
//
// A UNIX socket can stand on either side.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

class UnixSocket : public testing::Test {
 protected:
  UnixSocket() { std::filesystem::create_directory(folder_); }
  ~UnixSocket() override { std::filesystem::remove_all(folder_); }
  SocketAddress path(const std::string& name) const {
    return *SocketAddress::from_path(folder_ + "/" + name);
  }

 private:
  std::string folder_ = testing::TempDir() + "amb_unix_" + std::to_string(::getpid());
};

TEST_F(UnixSocket, AnUpstreamPathIsReached) {
  Provider provider(path("service"));
  RunningLink link(path("service"));
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  consumer.sends_pattern(1, 3'000'000);
  consumer.ends();
  service.expects_pattern(1, 3'000'000);
  service.expects_end();
  service.sends("done");
  service.closes();
  consumer.expects("done");
  consumer.expects_end();
}

TEST_F(UnixSocket, AServiceWhoseQueueIsFullIsWaitedFor) {
  Provider provider(path("service"));
  provider.has_room_for_one();
  RunningLink link(LinkSetup{.endpoints = {path("service")}, .limits = {.connect_total = 60'000}});
  std::vector<Peer> consumers;
  for (int i = 0; i < 8; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.expect_open_sessions(8);
  for (int i = 0; i < 8; ++i) {
    Peer service = provider.accepts();
    service.sends("your turn");
    service.closes();
  }
  for (Peer& consumer : consumers) {
    consumer.expects("your turn");
    consumer.expects_end();
    consumer.closes();
  }
  EXPECT_EQ(link.ejections(), 0U);
}

TEST_F(UnixSocket, AQueueThatStaysFullIsWaitedForAsLongAsConnectingMayTake) {
  Provider provider(path("service"));
  provider.has_room_for_one();
  const Peer filler = Peer::connect_to(path("service"));
  RunningLink link(LinkSetup{.endpoints = {path("service")}, .limits = {.connect_total = 200}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::connect_timeout});
}

TEST_F(UnixSocket, AnotherEndpointIsTriedFirst) {
  Provider busy(path("busy")), free(path("free"));
  busy.has_room_for_one();
  const Peer filler = Peer::connect_to(path("busy"));
  RunningLink link(LinkSetup{.endpoints = {path("busy"), path("free")}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = free.accepts();
  service.closes();
  consumer.expects_end();
}

TEST_F(UnixSocket, AListenerPathIsSharedByAllWorkers) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 1, .listen = path("front")});
  for (int i = 0; i < 20; ++i) {
    Peer consumer = Peer::connect_to(path("front"));
    Peer service = provider.accepts();
    consumer.sends("hello");
    service.expects("hello");
    service.closes();
    consumer.expects_end();
  }
}

TEST_F(UnixSocket, AProviderThatDiesLeavesTheConsumerWithAnEndOrAResetAndNoSpinningWorker) {
  Provider provider(path("service"));
  RunningLink link(path("service"));
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  service.sends_pattern(5, 100'000);
  service.closes();
  EXPECT_EQ(consumer.reads_rest(5).bytes, 100'000U);
  consumer.closes();
  link.expect_open_sessions(0);
}

TEST_F(UnixSocket, AConsumerThatSendsAndClosesAtOnceIsStillHeard) {
  Provider provider;
  RunningLink link(
      LinkSetup{.limits = {.connect_total = 10'000}, .has_names = true, .listen = path("front")});
  Peer consumer = Peer::connect_to(path("front"));
  consumer.sends("last words");
  consumer.closes();
  link.set_endpoints({provider.address()});
  Peer service = provider.accepts();
  service.expects("last words");
  service.expects_end();
}

}  // namespace
}  // namespace amb::test
