// SPDX-License-Identifier: Apache-2.0
//
// The sweep: every call of the data plane goes wrong at its 1st, 2nd, 3rd … time, in every way of the fault
// table, in every scenario, on both relays. Whatever goes wrong, a session is exact or visibly broken, the
// worker settles, and it serves the next one.
//
// AMB_FAULTS unset: the first three times of each, and one more that AMB_SEED chooses.
//            whole: every time until the call is not made that often any more.
//            "exchange recv 7 fails ECONNRESET once": this one alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "faults/fault_table.h"
#include "faults/injection.h"
#include "faults/scenarios.h"
#include "faults/stage.h"

namespace amb::test {
namespace {

constexpr std::uint64_t kFirstOfSample = 3;
constexpr int kUsualSeed = 1;
constexpr int kEnoughFailures = 3;

// While nobody can be accepted there is one attempt per 100 ms of the worker's time.
constexpr std::uint64_t kMostAttemptsInAWhile = 100;

std::string environment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

unsigned seed() {
  const std::string text = environment("AMB_SEED");
  return static_cast<unsigned>(text.empty() ? kUsualSeed : std::stoi(text));
}

struct Case {
  Call call;
  RelayKind relay;
};

std::string name_of(const Case& one) {
  return std::string(to_string(one.call)) + (one.relay == RelayKind::copy ? "_copy" : "_splice");
}

void PrintTo(const Case& one, std::ostream* out) { *out << name_of(one); }

/// What the user needs to see this once more.
std::string replay(const Scenario& scenario, const Case& one, const Fault& fault) {
  return "AMB_FAULTS='" + std::string(scenario.name) + " " + fault.to_string() +
         "' build/dev/tests/faults/faults_sweep_tests --gtest_filter='*/" + name_of(one) + "'";
}

bool is_played(const Scenario& scenario, RelayKind relay) {
  return relay == RelayKind::splice || !scenario.needs_splicing;
}

struct Outcome {
  std::uint64_t injections = 0;
  std::uint64_t calls = 0;  ///< Of the call that is swept.
};

Outcome play(const Scenario& scenario, const Case& one, const std::optional<Fault>& fault, Harm harm) {
  arm(fault, scenario.standing);
  Stage stage({.relay = one.relay,
               .max_sessions = scenario.max_sessions,
               .refuses_first = scenario.refuses_first,
               .is_disturbed = harm == Harm::breaks,
               .is_end_uncertain = one.call == Call::setsockopt_linger});
  scenario.play(stage);
  stage.settles();
  const Outcome outcome{injections(), calls(one.call)};
  disarm();
  if (!scenario.drains) stage.serves_another();
  for (const std::string& complaint : stage.close()) ADD_FAILURE() << complaint;
  if (fault && fault->span.lasts_ms != 0) {
    EXPECT_LE(outcome.injections, kMostAttemptsInAWhile) << "it spins while nothing can be had";
  }
  return outcome;
}

class Sweep : public testing::TestWithParam<Case> {
 protected:
  std::uint64_t sweep(const Scenario& scenario, const Fault& first, Harm harm);
  std::uint64_t inject(const Scenario& scenario, const Fault& fault, Harm harm);
  std::uint64_t usual_calls(const Scenario& scenario);
  void replay_one(const std::string& wish);

  int failures_ = 0;

 private:
  std::map<std::string_view, std::uint64_t> usual_calls_;  ///< By scenario.
  std::mt19937 random_{seed()};
};

std::uint64_t Sweep::inject(const Scenario& scenario, const Fault& fault, Harm harm) {
  SCOPED_TRACE(replay(scenario, GetParam(), fault));
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  const int before = test->result()->total_part_count();
  const std::uint64_t injections = play(scenario, GetParam(), fault, harm).injections;
  if (test->result()->total_part_count() > before) ++failures_;
  return injections;
}

/// How often a scenario makes the call when nothing goes wrong.
std::uint64_t Sweep::usual_calls(const Scenario& scenario) {
  const auto known = usual_calls_.find(scenario.name);
  if (known != usual_calls_.end()) return known->second;
  return usual_calls_[scenario.name] = play(scenario, GetParam(), std::nullopt, Harm::none).calls;
}

/// One kind of fault in one scenario, at one time after the other; how many runs met it.
std::uint64_t Sweep::sweep(const Scenario& scenario, const Fault& first, Harm harm) {
  const bool is_whole = environment("AMB_FAULTS") == "whole";
  std::uint64_t met = 0;
  Fault fault = first;
  for (; is_whole || fault.nth <= kFirstOfSample; ++fault.nth, ++met) {
    if (failures_ >= kEnoughFailures || inject(scenario, fault, harm) == 0) return met;
  }
  if (usual_calls(scenario) < fault.nth) return met;
  fault.nth = std::uniform_int_distribution<std::uint64_t>(fault.nth, usual_calls(scenario))(random_);
  return inject(scenario, fault, harm) == 0 ? met : met + 1;
}

void Sweep::replay_one(const std::string& wish) {
  const auto space = wish.find(' ');
  const auto fault = Fault::parse(wish.substr(std::min(space, wish.size())));
  ASSERT_TRUE(fault) << "AMB_FAULTS is no fault: " << wish;
  if (fault->call != GetParam().call) return;
  const auto scenario = std::ranges::find(scenarios(), wish.substr(0, space), &Scenario::name);
  ASSERT_TRUE(scenario != scenarios().end()) << "there is no such scenario: " << wish;
  for (const Row& row : rows_of(fault->call)) {
    if (row.effect != fault->effect || std::ranges::count(row.errors, fault->error) == 0) continue;
    EXPECT_GT(inject(*scenario, *fault, row.harm), 0U) << "the call is not made that often this time";
    return;
  }
  FAIL() << "the fault table has no such line: " << wish;
}

TEST_P(Sweep, EveryFaultIsSurvived) {
  const std::string wish = environment("AMB_FAULTS");
  if (!wish.empty() && wish != "whole") return replay_one(wish);
  std::uint64_t runs = 0;
  for (const Row& row : rows_of(GetParam().call)) {
    for (const int error : row.errors) {
      for (const Span& span : row.spans) {
        const Fault fault{row.call, 1, row.effect, error, span};
        std::uint64_t reached = 0;
        for (const Scenario& scenario : scenarios()) {
          if (is_played(scenario, GetParam().relay)) reached += sweep(scenario, fault, row.harm);
        }
        EXPECT_GT(reached, 0U) << "no scenario reaches it: " << fault.to_string();
        runs += reached;
      }
    }
  }
  std::printf("%lu faults\n", runs);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (int i = 0; i < kCalls; ++i) {
    const auto call = static_cast<Call>(i);
    if (!needs_splicing(call)) all.push_back({call, RelayKind::copy});
    all.push_back({call, RelayKind::splice});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Calls, Sweep, testing::ValuesIn(cases()),
                         [](const auto& one) { return name_of(one.param); });

TEST(FaultTable, HasEveryCall) {
  for (int i = 0; i < kCalls; ++i) {
    EXPECT_FALSE(rows_of(static_cast<Call>(i)).empty()) << to_string(static_cast<Call>(i));
  }
}

TEST(Scenarios, AreExactWhenNothingGoesWrong) {
  for (const Scenario& scenario : scenarios()) {
    for (const RelayKind relay : {RelayKind::copy, RelayKind::splice}) {
      SCOPED_TRACE(scenario.name);
      if (is_played(scenario, relay)) (void)play(scenario, {Call::recv, relay}, std::nullopt, Harm::none);
    }
  }
}

}  // namespace
}  // namespace amb::test
