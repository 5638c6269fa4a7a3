// SPDX-License-Identifier: Apache-2.0
#include "proxy/upstream.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/proxy/endpoint_at.h"

namespace amb {
namespace {

using test::at;

std::vector<Endpoint> plain(std::initializer_list<std::uint16_t> ports) {
  std::vector<Endpoint> endpoints;
  for (const std::uint16_t port : ports) endpoints.push_back({.address = at(port)});
  return endpoints;
}

const Spreading kEjecting{.eject_after = 1, .eject_for = 1000};

/// An upstream, and what a session would meet there.
struct Walking {
  Upstream upstream;
  Milliseconds now = 1'000'000;

  explicit Walking(const std::vector<Endpoint>& endpoints, const Spreading& spreading = {})
      : upstream(spreading, 1) {
    upstream.replace(endpoints, now);
  }

  std::uint16_t port(Upstream::Slot slot) { return upstream.endpoint(slot).address.port(); }

  /// The ports that a session tries which never gets through, without anybody hearing of it.
  std::string walk() {
    std::string ports;
    Upstream::Walk walk;
    while (const auto slot = upstream.next(walk, now)) {
      ports += (ports.empty() ? "" : " ") + std::to_string(port(*slot));
      upstream.release(*slot);
    }
    return ports;
  }

  void fail(std::uint16_t port_number) { upstream.failed(upstream.slot_of(at(port_number)), now); }
  bool connect(std::uint16_t port_number) {
    return upstream.connected(upstream.slot_of(at(port_number)), now);
  }
};

TEST(Upstream, GoesThroughEveryEndpointOnceInTheOrderGiven) {
  EXPECT_EQ(Walking(plain({1, 2, 3})).walk(), "1 2 3");
  EXPECT_EQ(Walking({}).walk(), "");
}

TEST(Upstream, GoesThroughTheLowestTierFirstHoweverTheyAreGiven) {
  Walking walking(
      {{.address = at(1), .tier = 1}, {.address = at(2)}, {.address = at(3), .tier = 1}, {.address = at(4)}});
  EXPECT_EQ(walking.walk(), "2 4 1 3");
}

TEST(Upstream, NeverTriesWhatAChecksFoundDown) {
  auto endpoints = plain({1, 2, 3});
  endpoints[0].is_up = false;
  endpoints[2].is_up = false;
  EXPECT_EQ(Walking(endpoints).walk(), "2");
  endpoints[1].is_up = false;
  EXPECT_EQ(Walking(endpoints).walk(), "");
}

TEST(Upstream, PassesOverAnEjectedEndpointUntilItsTimeIsOver) {
  Walking walking(plain({1, 2}), kEjecting);
  walking.fail(1);
  EXPECT_EQ(walking.walk(), "2");
  walking.now += 2000;  // the time, and the half of it that is drawn on top
  EXPECT_EQ(walking.walk(), "1 2");
}

TEST(Upstream, TellsOfFailuresOfAnEndpointOnceInAWhile) {
  Walking walking(plain({1, 2}));
  const auto is_news = [&](std::uint16_t port) {
    return walking.upstream.is_failure_news(walking.upstream.slot_of(at(port)), walking.now);
  };
  EXPECT_TRUE(is_news(1));
  EXPECT_TRUE(is_news(2)) << "each has its own";
  walking.now += 50;
  EXPECT_FALSE(is_news(1));
  walking.now += 50;
  EXPECT_TRUE(is_news(1));
  EXPECT_FALSE(is_news(1));
}

TEST(Upstream, EjectsAfterSoManyFailuresInARow) {
  Walking walking(plain({1, 2}), {.eject_after = 3, .eject_for = 1000});
  walking.fail(1);
  walking.fail(1);
  EXPECT_FALSE(walking.connect(1));
  walking.fail(1);
  walking.fail(1);
  EXPECT_EQ(walking.walk(), "1 2");
  walking.fail(1);
  EXPECT_EQ(walking.walk(), "2");
}

TEST(Upstream, TellsThatItEjectsAndThatOneIsBack) {
  Walking walking(plain({1, 2}), kEjecting);
  const Upstream::Slot first = walking.upstream.slot_of(at(1));
  EXPECT_TRUE(walking.upstream.failed(first, walking.now));
  EXPECT_FALSE(walking.upstream.failed(first, walking.now)) << "once is enough";
  EXPECT_TRUE(walking.connect(1));
  EXPECT_FALSE(walking.connect(1));
  EXPECT_EQ(walking.walk(), "1 2");
}

TEST(Upstream, NeverEjectsALinksOnlyEndpoint) {
  Walking walking(plain({1}), kEjecting);
  walking.fail(1);
  EXPECT_EQ(walking.walk(), "1");
}

TEST(Upstream, TriesEjectedOnesWhenThereAreNoOthers) {
  Walking walking(plain({1, 2}), kEjecting);
  walking.fail(1);
  walking.fail(2);
  EXPECT_EQ(walking.walk(), "1 2");
}

TEST(Upstream, DoesNotComeBackInOneWalkToWhatThatWalkHasEjected) {
  Walking walking(plain({1, 2}), kEjecting);
  Upstream::Walk walk;
  for (const int port : {1, 2}) {
    const auto slot = walking.upstream.next(walk, walking.now);
    ASSERT_TRUE(slot);
    EXPECT_EQ(walking.port(*slot), port);
    walking.upstream.failed(*slot, walking.now);
    walking.upstream.release(*slot);
  }
  EXPECT_FALSE(walking.upstream.next(walk, walking.now));
}

TEST(Upstream, LetsOneSessionProbeWhileTheOthersGoElsewhere) {
  Walking walking(plain({1, 2}), kEjecting);
  walking.fail(1);
  walking.now += 2000;
  Upstream::Walk probe;
  const auto slot = walking.upstream.next(probe, walking.now);
  ASSERT_TRUE(slot);
  EXPECT_EQ(walking.port(*slot), 1);
  EXPECT_EQ(walking.walk(), "2");
  walking.upstream.connected(*slot, walking.now);
  EXPECT_EQ(walking.walk(), "1 2");
  walking.upstream.release(*slot);
}

TEST(Upstream, EjectsForLongerAndLongerUpToEightTimes) {
  Walking walking(plain({1, 2}), kEjecting);
  Milliseconds longest = 0;
  for (int i = 0; i < 20; ++i) {
    walking.fail(1);
    Milliseconds waited = 0;
    for (; walking.walk() == "2"; waited += 100) walking.now += 100;
    longest = std::max(longest, waited);
    EXPECT_LE(waited, 12'100U);
  }
  EXPECT_GE(longest, 4000U);
}

TEST(Upstream, KnowsWhatItsNextStepWouldBe) {
  Walking walking(plain({1, 2}));
  Upstream::Walk walk;
  EXPECT_FALSE(walking.upstream.peek(walk, walking.now)) << "the policy has not chosen yet";
  walking.upstream.release(*walking.upstream.next(walk, walking.now));
  EXPECT_EQ(walking.port(*walking.upstream.peek(walk, walking.now)), 2);
  walking.upstream.release(*walking.upstream.next(walk, walking.now));
  EXPECT_FALSE(walking.upstream.peek(walk, walking.now));
}

TEST(Upstream, PassesOverAFullEndpointAndSaysSo) {
  SessionBudget one(1);
  auto endpoints = plain({1, 2});
  endpoints[0].budget = &one;
  Walking walking(endpoints);
  Upstream::Walk first_walk;
  const auto held = walking.upstream.next(first_walk, walking.now);
  Upstream::Walk second_walk;
  const auto other = walking.upstream.next(second_walk, walking.now);
  EXPECT_EQ(walking.port(*held), 1);
  EXPECT_EQ(walking.port(*other), 2);
  EXPECT_TRUE(second_walk.met_limit);
  EXPECT_FALSE(first_walk.met_limit);
  walking.upstream.release(*other);
  walking.upstream.release(*held);
  EXPECT_EQ(one.open(), 0U);
  EXPECT_EQ(walking.walk(), "1 2");
}

/// Endpoint 1 with this limit.
std::vector<Endpoint> limited(SessionBudget* budget) { return {{.address = at(1), .budget = budget}}; }

TEST(Upstream, HandsItsSessionsOverToTheLimitThatCountsNow) {
  SessionBudget one(1), two(2);
  Walking walking(limited(nullptr));
  Upstream::Walk walk;
  const auto held = walking.upstream.next(walk, walking.now);
  for (SessionBudget* now : {&one, &two}) {
    walking.upstream.replace(limited(now), walking.now);
    EXPECT_EQ(one.open(), now == &one ? 1U : 0U);
    EXPECT_EQ(two.open(), now == &two ? 1U : 0U);
    EXPECT_EQ(walking.walk(), now == &one ? "" : "1");
  }
  walking.upstream.replace(limited(nullptr), walking.now);
  EXPECT_EQ(two.open(), 0U);
  walking.upstream.release(*held);
  EXPECT_EQ(one.open() + two.open(), 0U);
}

TEST(Upstream, HoldsSessionsToTheLimitOfAnEndpointThatHasLeftUntilTheyEnd) {
  SessionBudget one(1);
  Walking walking(limited(&one));
  Upstream::Walk walk;
  const auto held = walking.upstream.next(walk, walking.now);
  walking.upstream.replace(plain({2}), walking.now);
  EXPECT_EQ(one.open(), 1U) << "it may come back before they end";
  walking.upstream.replace(limited(&one), walking.now);
  EXPECT_EQ(walking.walk(), "");
  walking.upstream.release(*held);
  EXPECT_EQ(one.open(), 0U);
  EXPECT_EQ(walking.walk(), "1");
}

TEST(Upstream, TellsWhatItListsAndWhoIsThere) {
  Walking walking(plain({1, 2}), kEjecting);
  Upstream::Walk walk;
  const auto held = walking.upstream.next(walk, walking.now);
  walking.fail(2);
  std::string told;
  walking.upstream.for_each(walking.now,
                            [&](const Endpoint& endpoint, std::uint32_t sessions, bool is_ejected) {
                              told += std::to_string(endpoint.address.port()) + ":" +
                                      std::to_string(sessions) + (is_ejected ? "! " : " ");
                            });
  EXPECT_EQ(told, "1:1 2:0! ");
  EXPECT_TRUE(walking.upstream.is_listed(*held));
  walking.upstream.replace(plain({2}), walking.now);
  EXPECT_FALSE(walking.upstream.is_listed(*held));
  walking.upstream.release(*held);
}

TEST(Upstream, ChangesItsGenerationWithItsEndpointsOnly) {
  Walking walking(plain({1, 2}));
  const auto before = walking.upstream.generation();
  EXPECT_FALSE(walking.upstream.replace(plain({1, 2}), walking.now));
  EXPECT_EQ(walking.upstream.generation(), before);
  EXPECT_TRUE(walking.upstream.replace(plain({2, 1}), walking.now));
  EXPECT_NE(walking.upstream.generation(), before);
  EXPECT_EQ(walking.walk(), "2 1");
}

TEST(Upstream, RemembersAnEndpointThatStaysAndForgetsOneThatLeaves) {
  Walking walking(plain({1, 2, 3}), kEjecting);
  walking.fail(1);
  walking.fail(2);
  walking.upstream.replace(plain({1, 3, 4}), walking.now);
  EXPECT_EQ(walking.walk(), "3 4");
  walking.upstream.replace(plain({1, 2, 3}), walking.now);
  EXPECT_EQ(walking.walk(), "2 3") << "it came anew";
}

TEST(Upstream, CountsASessionAtAnEndpointThatLeavesAndComesBack) {
  Walking walking(plain({1, 2}));
  Upstream::Walk walk;
  const auto held = walking.upstream.next(walk, walking.now);
  walking.upstream.replace(plain({2}), walking.now);
  EXPECT_EQ(walking.upstream.slot_of(at(1)), Upstream::kNoSlot);
  walking.upstream.replace(plain({1, 2}), walking.now);
  EXPECT_EQ(walking.upstream.slot_of(at(1)), *held);
  EXPECT_EQ(walking.upstream.sessions(*held), 1U);
  walking.upstream.release(*held);
  EXPECT_EQ(walking.upstream.sessions(*held), 0U);
}

TEST(Upstream, JittersByAtMostHalf) {
  Walking walking(plain({1}));
  bool is_less = false, is_more = false;
  for (int i = 0; i < 1000; ++i) {
    const Milliseconds span = walking.upstream.jittered(100);
    EXPECT_GE(span, 50U);
    EXPECT_LE(span, 150U);
    is_less |= span < 100;
    is_more |= span > 100;
  }
  EXPECT_TRUE(is_less && is_more);
}

}  // namespace
}  // namespace amb
