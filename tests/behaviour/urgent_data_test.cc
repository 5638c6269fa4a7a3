// SPDX-License-Identifier: Apache-2.0
//
// An urgent byte (MSG_OOB) is a byte of the stream like any other: it arrives in its place, and what comes
// behind it is neither held up nor lost. The kernel stops reads short at it, and splices altogether.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

constexpr std::size_t kBulk = 2 << 20;

void send_urgent(const Peer& peer, char byte) { EXPECT_EQ(::send(peer.fd(), &byte, 1, MSG_OOB), 1); }

TEST(UrgentData, WhatComesBehindItDoesNotWaitForMore) {
  Provider provider;
  RunningLink link(LinkSetup{.limits = {.connect_total = 10'000}, .has_names = true});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("before,");  // all of it is there before the first read
  send_urgent(consumer, '!');
  consumer.sends(",behind");
  consumer.waits_until_delivered();
  link.set_endpoints({provider.address()});
  Peer service = provider.accepts();
  service.expects("before,!,behind");
  service.closes();
  consumer.expects_end();
}

TEST(UrgentData, InBulkLosesNothingAndTheEndComesLast) {
  Provider provider;
  RunningLink link(provider.address());
  for (int round = 0; round < 5; ++round) {
    Peer consumer = Peer::connect_to(link.address());
    Peer service = provider.accepts();
    std::jthread sender([&consumer] {
      consumer.sends_pattern(1, kBulk);
      send_urgent(consumer, '!');
      consumer.sends_pattern(2, kBulk);
      consumer.ends();
    });
    service.expects_pattern(1, kBulk);
    service.expects("!");
    service.expects_pattern(2, kBulk);
    service.expects_end();
    service.closes();
    consumer.expects_end();
  }
}

TEST(UrgentData, TheProvidersArrivesTheSameWay) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  std::jthread sender([&service] {
    service.sends_pattern(1, kBulk);
    send_urgent(service, '!');
    service.sends_pattern(2, kBulk);
    service.closes();
  });
  consumer.expects_pattern(1, kBulk);
  consumer.expects("!");
  consumer.expects_pattern(2, kBulk);
  consumer.expects_end();
}

/// Over UNIX sockets, on both sides, as over TCP.
TEST(UrgentData, IsKeptOnUnixSocketsToo) {
  const std::string name = "@amb-urgent-" + std::to_string(::getpid());
  const SocketAddress front = *SocketAddress::from_path(name + "-front");
  Provider provider(*SocketAddress::from_path(name + "-back"));
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .listen = front});
  Peer consumer = Peer::connect_to(front);
  Peer service = provider.accepts();
  const char urgent = '!';
  if (::send(consumer.fd(), &urgent, 1, MSG_OOB) != 1)
    GTEST_SKIP() << "UNIX sockets of this kernel know no urgent data";
  consumer.sends(",behind");
  service.expects("!,behind");
  service.sends("before,");
  send_urgent(service, '?');
  service.closes();
  consumer.expects("before,?");
  consumer.expects_end();
}

}  // namespace
}  // namespace amb::test
