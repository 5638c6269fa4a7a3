// SPDX-License-Identifier: Apache-2.0
#include "discovery/look_up_turns.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace amb {
namespace {

/// Questions by name, in the order in which their turn came.
class LookUpsInTurn : public testing::Test {
 protected:
  std::shared_ptr<Urgency> ask(const std::string& name, Urgency urgency = Urgency::due) {
    auto shared = std::make_shared<Urgency>(urgency);
    turns_.take(shared, [this, name](Urgency now) { begun_.emplace_back(name, now); });
    asked_.push_back(shared);
    return shared;
  }
  /// The oldest that is under way has its answer.
  void answer() {
    const auto urgency = begun_.at(answered_++).second;
    turns_.give_back(urgency);
  }
  std::string begun() const {
    std::string names;
    for (const auto& [name, urgency] : begun_) names += name;
    return names;
  }

  LookUpTurns turns_{8};  // four questions
  std::vector<std::pair<std::string, Urgency>> begun_;
  std::vector<std::shared_ptr<Urgency>> asked_;
  std::size_t answered_ = 0;
};

TEST_F(LookUpsInTurn, ComeAtOnceWhileThereAreSome) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) ask(name);
  EXPECT_EQ(begun(), "abcd");
  EXPECT_EQ(turns_.under_way(), 4U);
  EXPECT_EQ(turns_.waiting(), 2U);
  answer();
  EXPECT_EQ(begun(), "abcde") << "first come, first served";
}

TEST_F(LookUpsInTurn, ComeFirstToThoseForWhomASessionWaits) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) ask(name);
  ask("w", Urgency::wanted);
  *asked_[5] = Urgency::wanted;  // also if it was found out while the question waited
  answer();
  answer();
  EXPECT_EQ(begun(), "abcdfw");
}

TEST_F(LookUpsInTurn, AreNeverAllTakenByNamesWhoseServersAreSilent) {
  for (const char* name : {"1", "2", "3", "4"}) ask(name, Urgency::doubtful);
  EXPECT_EQ(begun(), "12");
  ask("a");
  ask("b", Urgency::wanted);
  EXPECT_EQ(begun(), "12ab") << "nobody else has to wait for a silent one";
  answer();
  EXPECT_EQ(begun(), "12ab3");
}

TEST_F(LookUpsInTurn, AreNotWastedOnWhoHasGone) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) ask(name);
  asked_[4].reset();
  answer();
  EXPECT_EQ(begun(), "abcdf");
}

TEST(LookUpsOfFewSockets, AreOneAtLeast) {
  LookUpTurns turns(0);
  const auto urgency = std::make_shared<Urgency>(Urgency::doubtful);
  int begun = 0;
  turns.take(urgency, [&](Urgency) { ++begun; });
  EXPECT_EQ(begun, 1);
}

}  // namespace
}  // namespace amb
