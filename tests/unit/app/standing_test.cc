// SPDX-License-Identifier: Apache-2.0
#include "app/standing.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using std::chrono::seconds;

const SteadyTime kStart = SteadyTime() + std::chrono::hours(1);

ProgramFacts facts_of(std::vector<std::pair<std::string, Standing>> links) {
  return {.stopping_since = {},
          .full_since = {},
          .most_sessions = 100,
          .started = kStart,
          .links = std::move(links)};
}

Standing link_is(std::string state, std::string reason = {}, seconds after = seconds(0)) {
  return {std::move(state), std::move(reason), kStart + after};
}

TEST(Standing, IsReadyWhereEveryLinkIsUp) {
  const Standing standing = judge(facts_of({{"a", link_is("up", "", seconds(2))}, {"b", link_is("up")}}));
  EXPECT_EQ(standing.state, "ready");
  EXPECT_EQ(standing.reason, "");
  EXPECT_EQ(standing.since, kStart + seconds(2)) << "since the last of them came up";
  EXPECT_EQ(judge(facts_of({})).state, "ready");
}

TEST(Standing, IsDegradedWithTheNumberTheNamesAndTheCauses) {
  const Standing one =
      judge(facts_of({{"a", link_is("up")}, {"b", link_is("down", "10.0.0.5:1: no answer", seconds(3))}}));
  EXPECT_EQ(one.state, "degraded");
  EXPECT_EQ(one.reason, "1 of 2 links is down: b: 10.0.0.5:1: no answer");
  EXPECT_EQ(one.since, kStart + seconds(3));
  EXPECT_EQ(judge(facts_of({{"a", link_is("down", "x")}})).reason, "the only link is down: a: x");
  EXPECT_EQ(judge(facts_of({{"a", link_is("down", "x")},
                            {"b", link_is("failing", "y", seconds(1))},
                            {"c", link_is("drained")}}))
                .reason,
            "2 of 3 links are down or failing: a: x; b: y");
  EXPECT_EQ(judge(facts_of({{"a", link_is("failing")}, {"b", link_is("up")}})).reason,
            "1 of 2 links is failing: a");
}

TEST(Standing, NamesThreeLinksAndCountsTheOthers) {
  std::vector<std::pair<std::string, Standing>> links;
  for (int i = 0; i < 5; ++i) links.emplace_back("l" + std::to_string(i), link_is("down"));
  EXPECT_EQ(judge(facts_of(std::move(links))).reason, "5 of 5 links are down: l0; l1; l2, and 2 more");
}

TEST(Standing, IsSettlingWhileNothingIsKnownOfALinkAndNoneIsDown) {
  EXPECT_EQ(
      judge(facts_of({{"a", link_is("up")}, {"b", link_is("settling", "its first checks are under way")}}))
          .reason,
      "1 of 2 links is settling: b: its first checks are under way");
  EXPECT_EQ(judge(facts_of({{"a", link_is("down")}, {"b", link_is("settling")}})).state, "degraded");
}

TEST(Standing, IsDrainingOnceEveryLinkIsDrained) {
  EXPECT_EQ(judge(facts_of({{"a", link_is("drained")}, {"b", link_is("up")}})).state, "ready");
  const Standing all =
      judge(facts_of({{"a", link_is("drained", "", seconds(9))}, {"b", link_is("drained")}}));
  EXPECT_EQ(all.state, "draining");
  EXPECT_EQ(all.since, kStart + seconds(9));
}

TEST(Standing, IsAtLimitWhateverLinksAreAndStoppingWhateverElse) {
  ProgramFacts facts = facts_of({{"a", link_is("down")}});
  facts.full_since = kStart + seconds(4);
  EXPECT_EQ(judge(facts).state, "at_limit");
  EXPECT_EQ(judge(facts).reason, "all 100 sessions are in use; consumers wait");
  EXPECT_EQ(judge(facts).since, kStart + seconds(4));
  facts.stopping_since = kStart + seconds(5);
  EXPECT_EQ(judge(facts).state, "stopping");
}

TEST(Standing, OfALinkIsFailingAfterThreeSessionsInARowThatFoundNoEndpoint) {
  const SteadyTime now = kStart + std::chrono::hours(1);
  const ConnectTrend three{.failed = 3, .first_failed_ago = 9000, .last_failed_ago = 1000};
  const auto standing = failing(three, "10.0.0.5:1: Connection refused", now);
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->state, "failing");
  EXPECT_EQ(standing->reason,
            "none of the last 3 sessions could connect to an endpoint (10.0.0.5:1: Connection refused)");
  EXPECT_EQ(standing->since, now - seconds(9));
  EXPECT_FALSE(failing({.failed = 2, .first_failed_ago = 1, .last_failed_ago = 1}, {}, now));
  EXPECT_FALSE(failing({.failed = 3, .first_failed_ago = 90'000, .last_failed_ago = 60'001}, {}, now))
      << "a minute ago: nobody knows any more";
}

}  // namespace
}  // namespace amb
