// SPDX-License-Identifier: Apache-2.0
//
// Once a worker has served sessions of each kind, serving more of them allocates nothing: what an event needs
// comes from slabs and pools.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "support/peer.h"
#include "support/running_link.h"

namespace {

std::atomic<std::size_t> allocations{0};
thread_local bool is_counted = true;  // the worker's thread; the test's own takes itself out

void* allocate(std::size_t bytes) {
  if (is_counted) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace amb::test {
namespace {

void ask_and_answer(RunningLink& link, Provider& provider, int times) {
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  for (int i = 0; i < times; ++i) {
    consumer.sends("PING");
    service.expects("PING");
    service.sends("PONG");
    consumer.expects("PONG");
  }
  consumer.ends();
  service.expects_end();
  service.ends();
  consumer.expects_end();
}

void read_late(RunningLink& link, Provider& provider) {
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  for (const std::uint64_t stream : {1U, 2U, 3U}) {
    const std::size_t sent = service.sends_until_full(stream);
    consumer.expects_pattern(stream, sent);
  }
  service.closes();
  consumer.expects_end();
}

void reset_it(RunningLink& link, Provider& provider) {
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  consumer.resets();
  service.expects_reset();
}

TEST(NoAllocation, IsMadeForAnyEventOnceEverythingWasSeen) {
  is_counted = false;
  Provider provider;
  RunningLink link(provider.address());
  const auto play = [&] {
    const std::size_t before = allocations;
    ask_and_answer(link, provider, 20);
    for (int i = 0; i < 20; ++i) ask_and_answer(link, provider, 1);
    read_late(link, provider);
    reset_it(link, provider);
    link.expect_open_sessions(0);
    return allocations - before;
  };
  EXPECT_GT(play(), 0U) << "the first round fills slabs and pools, or nothing is counted";
  // A pool that a slow machine leaves idle for a second gives its memory back: then the next round will do.
  std::size_t made = play();
  for (int rounds = 0; made != 0 && rounds < 10; ++rounds) made = play();
  EXPECT_EQ(made, 0U);
  link.expect_only_failures_of(CloseReason::client_reset);
}

}  // namespace
}  // namespace amb::test
