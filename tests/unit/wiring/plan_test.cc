// SPDX-License-Identifier: Apache-2.0
#include "wiring/plan.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using Texts = std::vector<std::string>;

std::vector<Link> links(test::Variables variables) {
  Findings findings = test::find(std::move(variables));
  EXPECT_EQ(test::problems_of(findings), Texts{});
  return std::move(findings.links);
}

Plan plan_of(test::Variables before, test::Variables after) {
  return make_plan(links(std::move(before)), links(std::move(after)));
}

/// "change a: listen +…; upstream …".
Texts steps_of(const Plan& plan) {
  Texts texts;
  for (const PlanStep& step : plan.steps) {
    std::string text = std::string(to_string(step.kind)) + " " + step.link + ":";
    for (const std::string& detail : step.details)
      text += (&detail == step.details.data() ? " " : "; ") + detail;
    texts.push_back(text);
  }
  return texts;
}

struct Change {
  const char* because;
  test::Variables before, after;
  Texts steps;
};

void PrintTo(const Change& row, std::ostream* out) { *out << row.because; }

class PlanSteps : public testing::TestWithParam<Change> {};

TEST_P(PlanSteps, SayWhatChanges) {
  const Plan plan = plan_of(GetParam().before, GetParam().after);
  EXPECT_EQ(steps_of(plan), GetParam().steps);
  EXPECT_EQ(plan.is_empty(), GetParam().steps.empty());
}

const test::Variables kOne = {{"A_PORT_80_TCP", "h:1"}};
const test::Variables kTwo = {{"A_PORT_80_TCP", "h:1"}, {"B_PORT_90_TCP", "i:1"}};
const std::string kKeepsSecret = "h:1?health=redis&health_password=";

test::Variables one(const std::string& value) { return {{"A_PORT_80_TCP", value}}; }

INSTANTIATE_TEST_SUITE_P(
    Wirings, PlanSteps,
    testing::Values(
        Change{"the same", kTwo, kTwo, {}}, Change{"the same in another order", kTwo, {kTwo[1], kTwo[0]}, {}},
        Change{"the same in other words", kOne, one("TCP://H:1/?policy=first"), {}},
        Change{"one more", kOne, kTwo, {"add b: listen [::]:90; upstream tcp://i:1"}},
        Change{"one fewer", kTwo, kOne, {"remove b: listen [::]:90; upstream tcp://i:1"}},
        Change{"another target", kOne, one("h:2"), {"change a: upstream tcp://h:1 -> tcp://h:2"}},
        Change{
            "a target more", kOne, one("h:1,i:1"), {"change a: upstream tcp://h:1 -> tcp://h:1, tcp://i:1"}},
        Change{"targets in another order",
               one("h:1,i:1"),
               one("i:1,h:1"),
               {"change a: upstream tcp://h:1, tcp://i:1 -> tcp://i:1, tcp://h:1"}},
        Change{"another address",
               one("h:1?listen=127.0.0.1"),
               one("h:1?listen=127.0.0.2"),
               {"change a: listen -127.0.0.1:80; listen +127.0.0.2:80"}},
        Change{"an address more",
               one("h:1?listen=127.0.0.1"),
               one("h:1?listen=127.0.0.1&listen=unix:///x"),
               {"change a: listen +unix:///x"}},
        Change{"an option",
               kOne,
               one("h:1?policy=random&idle_timeout=5s"),
               {"change a: policy first -> random; idle_timeout 0s -> 5s"}},
        Change{"an option that is nothing by default",
               kOne,
               one("h:1?health=redis&health_user=me"),
               {"change a: health none -> redis; health_user nothing -> me"}},
        Change{"a password",
               one(kKeepsSecret + "one"),
               one(kKeepsSecret + "two"),
               {"change a: a password is another one"}},
        Change{"all at once",
               kTwo,
               {{"A_PORT_80_TCP", "h:2"}, {"C_PORT_70_TCP", "j:1"}},
               {"change a: upstream tcp://h:1 -> tcp://h:2", "add c: listen [::]:70; upstream tcp://j:1",
                "remove b: listen [::]:90; upstream tcp://i:1"}}));

TEST(Plan, ALinkIsTheSameOneByItsNameWhereverItListens) {
  const Plan plan = plan_of(kOne, one("h:1?listen=unix:///x"));
  EXPECT_EQ(plan.before_of, (std::vector<std::optional<std::size_t>>{0}));
  EXPECT_EQ(steps_of(plan), Texts{"change a: listen -[::]:80; listen +unix:///x"});
}

TEST(Plan, ALinkIsTheSameOneByItsFirstAddressWhateverItIsCalled) {
  const Plan plan =
      plan_of({{"REDIS_PORT_80_TCP", "h:1"}}, {{"REDIS_PORT_90_TCP", "i:1"}, {"REDIS_PORT_80_TCP", "h:1"}});
  EXPECT_EQ(plan.before_of, (std::vector<std::optional<std::size_t>>{std::nullopt, 0}));
  EXPECT_EQ(steps_of(plan), (Texts{"add redis:90: listen [::]:90; upstream tcp://i:1",
                                   "change redis:80: name redis -> redis:80"}));
}

TEST(Plan, ANameCountsMoreThanAnAddress) {
  const Plan plan = plan_of(kTwo, {{"A_PORT_90_TCP", "h:1"}, {"C_PORT_80_TCP", "j:1"}});
  EXPECT_EQ(plan.before_of, (std::vector<std::optional<std::size_t>>{0, std::nullopt}))
      << "a has moved to the port of b, and the port that it had is a new link's";
  EXPECT_EQ(plan.removed, std::vector<std::size_t>{1});
}

TEST(Plan, SaysWhereTheLinksAreThatChange) {
  const Plan plan =
      plan_of(kTwo, {{"C_PORT_70_TCP", "j:1"}, {"B_PORT_90_TCP", "i:1"}, {"A_PORT_80_TCP", "h:2"}});
  EXPECT_EQ(plan.changed, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(plan.removed, std::vector<std::size_t>{});
  EXPECT_EQ(plan.before_of, (std::vector<std::optional<std::size_t>>{std::nullopt, 1, 0}));
}

TEST(Plan, ShowsNoPassword) {
  for (const auto& [before, after] :
       {std::pair(kOne, one(kKeepsSecret + "hunter2")), std::pair(one(kKeepsSecret + "hunter2"), kOne),
        std::pair(one(kKeepsSecret + "hunter2"), one(kKeepsSecret + "swordfish"))}) {
    for (const std::string& step : steps_of(plan_of(before, after))) {
      EXPECT_EQ(step.find("hunter2"), std::string::npos) << step;
      EXPECT_EQ(step.find("swordfish"), std::string::npos) << step;
    }
  }
}

}  // namespace
}  // namespace amb
