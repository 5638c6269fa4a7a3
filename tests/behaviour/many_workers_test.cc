// SPDX-License-Identifier: Apache-2.0
//
// Workers share listeners and the session budget, and nothing of a session.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(ManyWorkers, ConcurrentSessionsAreAllExactWhileEndpointsChange) {
  constexpr int kConsumers = 8;
  constexpr int kRounds = 40;
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 4, .has_names = true});
  std::atomic<bool> is_over{false};
  std::thread echo([&] {
    for (int i = 0; i < kConsumers * kRounds; ++i) {
      Peer service = provider.accepts();
      service.expects_pattern(9, 20'000);
      service.sends_pattern(4, 20'000);
      service.ends();
      service.expects_end();
    }
  });
  std::thread rewire([&] {
    const SocketAddress other = *SocketAddress::from_ip("127.0.0.2", provider.address().port());
    while (!is_over) {  // the same provider, now and then with a dead address behind it
      link.set_endpoints({provider.address(), other});
      link.set_endpoints({provider.address()});
      std::this_thread::yield();
    }
  });
  std::vector<std::thread> consumers;
  for (int i = 0; i < kConsumers; ++i) {
    consumers.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        Peer consumer = Peer::connect_to(link.address());
        consumer.sends_pattern(9, 20'000);
        consumer.expects_pattern(4, 20'000);
        consumer.expects_end();
        consumer.ends();
      }
    });
  }
  for (std::thread& consumer : consumers) consumer.join();
  echo.join();
  is_over = true;
  rewire.join();
}

}  // namespace
}  // namespace amb::test
