// SPDX-License-Identifier: Apache-2.0
#include "app/descriptor_shares.h"

#include <gtest/gtest.h>

#include <array>

namespace amb {
namespace {

struct Fit {
  std::size_t limit;
  DescriptorNeeds needs;
  std::size_t expected;
  const char* because;
};

void PrintTo(const Fit& one, std::ostream* out) { *out << one.because; }

class SessionsThatFit : public testing::TestWithParam<Fit> {};

TEST_P(SessionsThatFit, AreWhatTheDescriptorsLeave) {
  const auto& [limit, needs, expected, because] = GetParam();
  EXPECT_EQ(DescriptorShares(limit, needs).sessions(needs), expected) << because;
}

INSTANTIATE_TEST_SUITE_P(
    Limits, SessionsThatFit,
    testing::Values(
        Fit{1024,
            {.workers = 2, .listeners = 2},
            469,
            "(1024 - 2 listeners - 4 of workers - 15 of the program - 64 in reserve) / 2"},
        Fit{1024, {.workers = 1, .listeners = 1}, 471, "one of an odd number is left over"},
        Fit{1024, {.workers = 2, .listeners = 2, .has_control = true}, 401, "136 for the control API"},
        Fit{20'000, {.workers = 2, .listeners = 2, .pipes = 128, .has_control = true}, 9825, "as documented"},
        Fit{1024, {.workers = 2, .listeners = 2, .checks = 1000}, 405, "checks have 128 at most"},
        Fit{1024, {.workers = 2, .listeners = 2, .checks = 3}, 468, "and no more than they need"},
        Fit{64, {.workers = 1, .listeners = 1}, 15, "a small limit has a small reserve"},
        Fit{64, {.workers = 1, .listeners = 1, .has_control = true}, 7, "and small shares"},
        Fit{40, {.workers = 2, .listeners = 2, .has_control = true}, 4, "which are halved"},
        Fit{40,
            {.workers = 3, .listeners = 3, .has_control = true},
            3,
            "where they would not leave each worker a session"},
        Fit{24, {.workers = 1, .listeners = 1}, 1, "the least that can serve anybody"},
        Fit{23, {.workers = 1, .listeners = 1}, 0, "and one step below"},
        Fit{30, {.workers = 1, .listeners = 1, .has_control = true}, 1, "the same with the control API"},
        Fit{0, {.workers = 1, .listeners = 1}, 0, "nothing"},
        Fit{100, {.workers = 4, .listeners = 1000}, 0, "the listeners alone are too many"},
        Fit{1'048'576, {.workers = 16, .listeners = 16}, 524'224, "Docker's limit"}));

TEST(DescriptorShares, AddUpToNoMoreThanTheLimit) {
  for (const std::size_t limit : {24U, 40U, 64U, 100U, 128U, 160U, 1024U, 20'000U, 1'048'576U}) {
    const DescriptorNeeds needs{.workers = 1, .listeners = 1, .checks = 10'000, .has_control = true};
    const DescriptorShares shares(limit, needs);
    const std::size_t sessions = shares.sessions(needs);
    if (sessions == 0) continue;
    EXPECT_LE(2 * sessions + shares.control() + shares.look_ups() + shares.checks() + shares.files(), limit);
    EXPECT_LE(shares.control(), std::max<std::size_t>(limit / 4, 6)) << limit;
    EXPECT_GE(shares.control_connections(), 3U) << limit;
    EXPECT_GE(shares.look_ups(), 3U) << limit;
  }
}

TEST(DescriptorShares, DoNotGrowBeyondWhatIsOfUse) {
  const DescriptorShares shares(1'048'576, {});
  EXPECT_EQ(shares.control_connections(), 128U);
  EXPECT_EQ(shares.look_ups(), 48U);
  EXPECT_EQ(shares.checks(), 256U);
  EXPECT_EQ(shares.files(), 16U);
  EXPECT_EQ(shares.examined(), 8U);
}

TEST(DescriptorShares, LetOneTargetOfARewireBeCheckedHoweverFewTheyAre) {
  EXPECT_EQ(DescriptorShares(24, {.workers = 1, .listeners = 1}).examined(), 1U);
}

TEST(WorkersThatFit, AreFewerWhereEachWouldNotHaveASession) {
  const DescriptorNeeds eight{.workers = 8, .listeners = 8, .has_control = true};
  EXPECT_EQ(workers_that_fit(1024, eight), 8U);
  EXPECT_EQ(workers_that_fit(64, eight), 7U);
  EXPECT_EQ(workers_that_fit(40, eight), 3U);
  EXPECT_EQ(workers_that_fit(0, eight), 1U);
  EXPECT_EQ(workers_that_fit(1024, {.workers = 8, .listeners = 8 * 200}), 4U) << "200 links";
}

}  // namespace
}  // namespace amb
