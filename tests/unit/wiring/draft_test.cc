// SPDX-License-Identifier: Apache-2.0
#include "wiring/draft.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

const Origin kOrigin{Origin::Kind::variable, "REDIS_PORT_6379_TCP"};

struct Read {
  Findings findings;
  std::vector<Draft> drafts;
};

Read read(const char* name, const char* value) {
  Read result;
  read_link(kOrigin, *parse_link_name(name), value, result.findings, result.drafts);
  return result;
}

TEST(Draft, OfAGoodTextIsALinkWithItsCandidate) {
  const auto [findings, drafts] = read("REDIS_PORT_6379_TCP", "tcp://h:1");
  ASSERT_EQ(drafts.size(), 1U);
  EXPECT_EQ(drafts[0].link.name, "redis");
  EXPECT_EQ(drafts[0].link.listen.at(0).to_string(), "[::]:6379");
  EXPECT_EQ(drafts[0].value, "tcp://h:1");
  ASSERT_EQ(findings.candidates.size(), 1U);
  EXPECT_EQ(findings.candidates[0].fate, Candidate::Fate::link);
  EXPECT_EQ(findings.candidates[0].link, "redis");
}

TEST(Draft, IsNotMadeFromAWrongTextWhoseMistakesAreAllTold) {
  const auto [findings, drafts] = read("_PORT_0_TCP", "http://x?nope=1");
  EXPECT_TRUE(drafts.empty());
  EXPECT_EQ(findings.problems.size(), 4U);
  ASSERT_EQ(findings.candidates.size(), 1U);
  EXPECT_EQ(findings.candidates[0].fate, Candidate::Fate::problem);
}

TEST(Draft, OfAProtocolToComeIsIgnoredWithANote) {
  const auto [findings, drafts] = read("DNS_PORT_53_UDP", "udp://h:53");
  EXPECT_TRUE(drafts.empty() && findings.problems.empty());
  EXPECT_EQ(findings.candidates.at(0).why, kUdpWhy);
  EXPECT_EQ(findings.notes, std::vector<std::string>{"REDIS_PORT_6379_TCP is ignored, not yet: UDP"});
  EXPECT_EQ(read("X_PORT_1_SCTP", "sctp://h:1").findings.candidates.at(0).why, kSctpWhy);
}

TEST(Draft, RemembersWhichOptionsWereGivenAndWhere) {
  const auto drafts = read("REDIS_PORT_6379_TCP", "h?policy=first,i?dead_peer=5s").drafts;
  const auto& given = drafts.at(0).link.given;
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].name, "policy");
  EXPECT_EQ(given[1].name, "dead_peer");
  EXPECT_EQ(given[1].origin.name, kOrigin.name);
}

TEST(Draft, MasksPasswordsInWhatItShows) {
  const auto good = read("REDIS_PORT_6379_TCP", "h?health=redis&health_password=hunter2\r\n");
  EXPECT_EQ(good.drafts.at(0).value, "h?health=redis&health_password=***");
  EXPECT_EQ(good.findings.candidates.at(0).value, "h?health=redis&health_password=***");
  EXPECT_EQ(good.drafts.at(0).link.options.health.password, "hunter2");
  const auto bad = read("REDIS_PORT_0_TCP", "h?health_password=hunter2").findings;
  EXPECT_EQ(bad.candidates.at(0).value, "h?health_password=***");
  for (const auto& problem : bad.problems) EXPECT_EQ(problem.value, "h?health_password=***");
}

TEST(Draft, AListenOptionReplacesTheDefaultListener) {
  const auto drafts = read("REDIS_PORT_6379_TCP", "h?listen=unix:///run/x").drafts;
  ASSERT_EQ(drafts.at(0).link.listen.size(), 1U);
  EXPECT_EQ(drafts[0].link.listen[0].path(), "/run/x");
}

}  // namespace
}  // namespace amb
