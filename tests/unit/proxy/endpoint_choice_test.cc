// SPDX-License-Identifier: Apache-2.0
//
// Where sessions begin, counted over many of them. The seeds are fixed, so that the counts are, too.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "proxy/upstream.h"
#include "unit/proxy/endpoint_at.h"

namespace amb {
namespace {

using test::at;

Endpoint weighted(std::uint16_t port, std::uint32_t weight, std::uint16_t tier = 0) {
  return {.address = at(port), .tier = tier, .weight = weight, .is_weighted = true};
}

class Choosing {
 public:
  Choosing(Policy policy, const std::vector<Endpoint>& endpoints, Milliseconds slow_start = 0,
           std::uint32_t seed = 1, std::shared_ptr<TurnCounter> turns = nullptr)
      : upstream_({.policy = policy,
                   .eject_after = 1,
                   .eject_for = 1000,
                   .slow_start = slow_start,
                   .turns = std::move(turns)},
                  seed) {
    upstream_.replace(endpoints, now);
  }

  /// Where a session goes; it stays until ends().
  std::uint16_t begins() {
    Upstream::Walk walk;
    slots_.push_back(*upstream_.next(walk, now));
    return upstream_.endpoint(slots_.back()).address.port();
  }
  void ends() {
    upstream_.release(slots_.back());
    slots_.pop_back();
  }
  void end_all() {
    while (!slots_.empty()) ends();
  }

  /// Of so many sessions, one after the other, how many go to each port.
  std::map<std::uint16_t, int> spread(int sessions) {
    std::map<std::uint16_t, int> counts;
    for (int i = 0; i < sessions; ++i) {
      ++counts[begins()];
      ends();
    }
    return counts;
  }

  Upstream& upstream() { return upstream_; }
  Milliseconds now = 1'000'000;

 private:
  Upstream upstream_;
  std::vector<Upstream::Slot> slots_;
};

std::vector<Endpoint> three() { return {{.address = at(1)}, {.address = at(2)}, {.address = at(3)}}; }

TEST(EndpointChoice, FirstGoesToTheFirstThatIsUp) {
  EXPECT_EQ(Choosing(Policy::first, three()).spread(10), (std::map<std::uint16_t, int>{{1, 10}}));
  auto endpoints = three();
  endpoints[0].is_up = false;
  EXPECT_EQ(Choosing(Policy::first, endpoints).spread(10), (std::map<std::uint16_t, int>{{2, 10}}));
}

TEST(EndpointChoice, FirstDrawsAmongServicesByWeight) {
  const auto counts =
      Choosing(Policy::first, {weighted(1, 300), weighted(2, 100), weighted(3, 1000, 1)}).spread(4000);
  EXPECT_NEAR(counts.at(1), 3000, 150);
  EXPECT_NEAR(counts.at(2), 1000, 150);
  EXPECT_FALSE(counts.contains(3)) << "a higher tier is for when this one is gone";
}

TEST(EndpointChoice, AHigherTierIsChosenOnceTheLowerHasNobodyLeft) {
  auto endpoints = std::vector{weighted(1, 100), weighted(2, 100, 1)};
  endpoints[0].is_up = false;
  EXPECT_EQ(Choosing(Policy::first, endpoints).spread(10), (std::map<std::uint16_t, int>{{2, 10}}));
}

TEST(EndpointChoice, RoundRobinTakesTurns) {
  Choosing choosing(Policy::round_robin, three());
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < 6; ++i) ports.push_back(choosing.begins());
  EXPECT_EQ(ports, (std::vector<std::uint16_t>{1, 2, 3, 1, 2, 3}));
  choosing.end_all();
}

TEST(EndpointChoice, RoundRobinGivesTurnsByWeightAndSpreadsThem) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    Choosing choosing(Policy::round_robin, {weighted(1, 4), weighted(2, 1), weighted(3, 1)}, 0, seed);
    const auto counts = choosing.spread(600);
    for (const auto& [port, expected] : std::map<std::uint16_t, int>{{1, 400}, {2, 100}, {3, 100}})
      EXPECT_NEAR(counts.at(port), expected, 4) << "seed " << seed;
    std::map<std::uint16_t, int> of_six = choosing.spread(6);
    EXPECT_LE(of_six[2], 2) << "seed " << seed;
    EXPECT_GE(of_six[1], 3) << "seed " << seed;
  }
}

TEST(EndpointChoice, RoundRobinByWeightBeginsElsewhereInEachWorker) {
  std::map<std::uint16_t, int> firsts;
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    // Seeds as workers get them, not side by side: a linear generator would begin alike for those.
    Choosing choosing(Policy::round_robin, {weighted(1, 2), weighted(2, 1), weighted(3, 1)}, 0,
                      seed * 2'654'435'761U);
    ++firsts[choosing.begins()];
    choosing.end_all();
  }
  EXPECT_NEAR(firsts[1], 500, 60);
  EXPECT_NEAR(firsts[2], 250, 60);
  EXPECT_NEAR(firsts[3], 250, 60);
}

TEST(EndpointChoice, RoundRobinTakesTurnsOverAllWorkers) {
  const auto turns = std::make_shared<TurnCounter>(0);
  std::vector<std::unique_ptr<Choosing>> workers;
  for (std::uint32_t seed = 1; seed <= 8; ++seed)
    workers.push_back(std::make_unique<Choosing>(Policy::round_robin, three(), 0, seed, turns));
  std::minstd_rand kernel(7);
  std::map<std::uint16_t, int> counts;
  for (int i = 0; i < 12; ++i) ++counts[workers[kernel() % workers.size()]->begins()];
  EXPECT_EQ(counts, (std::map<std::uint16_t, int>{{1, 4}, {2, 4}, {3, 4}}));
  for (const auto& worker : workers) worker->end_all();
}

TEST(EndpointChoice, RoundRobinPassesOverAnEjectedOne) {
  Choosing choosing(Policy::round_robin, three());
  choosing.upstream().failed(choosing.upstream().slot_of(at(2)), choosing.now);
  EXPECT_EQ(choosing.spread(10), (std::map<std::uint16_t, int>{{1, 5}, {3, 5}}));
}

TEST(EndpointChoice, LeastSessionsGoesWhereFewestAre) {
  Choosing choosing(Policy::least_sessions, three());
  std::map<std::uint16_t, int> counts;
  for (int i = 0; i < 30; ++i) ++counts[choosing.begins()];
  EXPECT_EQ(counts, (std::map<std::uint16_t, int>{{1, 10}, {2, 10}, {3, 10}}));
  choosing.end_all();
}

TEST(EndpointChoice, LeastSessionsSpreadsWhatEndsAtOnce) {
  for (const auto& [port, count] : Choosing(Policy::least_sessions, three()).spread(3000))
    EXPECT_NEAR(count, 1000, 150) << port;
}

TEST(EndpointChoice, RandomTakesTheLessBusyOfTwo) {
  Choosing choosing(Policy::random, three());
  std::map<std::uint16_t, int> counts;
  for (int i = 0; i < 300; ++i) ++counts[choosing.begins()];
  for (const auto& [port, count] : counts) EXPECT_NEAR(count, 100, 5) << port;
  choosing.end_all();
}

TEST(EndpointChoice, SlowStartGivesAnEndpointThatIsBackAGrowingShare) {
  for (const Policy policy : {Policy::round_robin, Policy::random}) {
    Choosing choosing(policy, three(), 10'000);
    const Upstream::Slot back = choosing.upstream().slot_of(at(2));
    choosing.upstream().failed(back, choosing.now);
    choosing.upstream().connected(back, choosing.now);
    const int at_first = choosing.spread(1000)[2];
    choosing.now += 5000;
    const int half_way = choosing.spread(1000)[2];
    choosing.now += 5000;
    const int at_last = choosing.spread(1000)[2];
    EXPECT_GT(at_first, 10);
    EXPECT_LT(at_first, 100);
    EXPECT_GT(half_way, at_first + 50);
    EXPECT_GT(at_last, half_way + 50);
    EXPECT_NEAR(at_last, 333, 60);
  }
}

TEST(EndpointChoice, AnEndpointThatChecksBringBackStartsSlowly) {
  auto endpoints = three();
  endpoints[1].is_up = false;
  Choosing choosing(Policy::round_robin, endpoints, 10'000);
  choosing.upstream().replace(three(), choosing.now);
  EXPECT_LT(choosing.spread(1000)[2], 100);
}

}  // namespace
}  // namespace amb
