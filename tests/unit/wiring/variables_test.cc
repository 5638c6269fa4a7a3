// SPDX-License-Identifier: Apache-2.0
#include "wiring/variables.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using test::Variables;

TEST(Variables, CopiesOfSecretsNeverShowTheirValue) {
  const Variables variables = {
      {"DB_NAME", "/me/db"}, {"DB_ENV_X_PORT_80_TCP", "tcp://secret:80"}, {"DB_ENV_Y_PORT__TCP", "secret"}};
  Findings findings;
  std::vector<Draft> drafts;
  read_variables(Environment(variables), Demand::needed, findings, drafts);
  ignore_variables(Environment(variables), "for this test", findings);
  EXPECT_TRUE(drafts.empty() && findings.problems.empty());
  ASSERT_EQ(findings.candidates.size(), 4U);
  for (const auto& candidate : findings.candidates) {
    EXPECT_EQ(candidate.value, "");
    EXPECT_EQ(candidate.why, "a copy of another container's variable, never followed");
  }
}

TEST(Variables, OthersAreNoCandidates) {
  const Findings findings = test::find({{"PATH", "/bin"}, {"REDIS_PORT", "tcp://h:1"}, {"PASSWORD", "x"}});
  EXPECT_TRUE(findings.candidates.empty());
}

TEST(Variables, AloneKubernetesServicesAreAProblemOnlyIfNothingElseGaveALink) {
  const Variables variables = {{"A_SERVICE_HOST", "10.0.0.1"}, {"A_PORT_80_TCP", "tcp://10.0.0.1:80"}};
  Findings needed;
  Findings optional;
  std::vector<Draft> drafts;
  read_variables(Environment(variables), Demand::needed, needed, drafts);
  read_variables(Environment(variables), Demand::optional, optional, drafts);
  EXPECT_EQ(needed.problems.size(), 1U);
  EXPECT_TRUE(optional.problems.empty());
}

TEST(Variables, OfTheSameNameTwiceAreTwoCandidates) {
  EXPECT_EQ(test::links_of(test::find({{"A_PORT_80_TCP", "a"}, {"A_PORT_80_TCP", "a"}})).size(), 1U);
  EXPECT_EQ(test::find({{"A_PORT_80_TCP", "a"}, {"A_PORT_80_TCP", "b"}}).problems.size(), 1U);
}

}  // namespace
}  // namespace amb
