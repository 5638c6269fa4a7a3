// SPDX-License-Identifier: Apache-2.0
#include "health/health_count.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace amb {
namespace {

/// `answers` holds '+' well, '-' not well, '!' certainly down and 's' a standby; what comes back is the
/// health after each: '?', 'u', 'd' or 's', capital where take() said that it changed.
std::string course(std::string_view answers, std::uint16_t rise, std::uint16_t fall) {
  HealthCount count;
  std::string course;
  for (const char answer : answers) {
    const Health told = answer == '+' ? Health::up : answer == 's' ? Health::standby : Health::down;
    const bool changed = count.take(told, answer == '!' || answer == 's', rise, fall);
    constexpr std::string_view kStays = "?uds", kChanges = "?UDS";
    course += (changed ? kChanges : kStays)[static_cast<std::size_t>(count.health())];
  }
  return course;
}

TEST(HealthCount, IsUnknownBeforeTheFirstAnswer) { EXPECT_EQ(HealthCount().health(), Health::unknown); }

TEST(HealthCount, FollowsRiseAndFall) {
  struct Row {
    std::uint16_t rise, fall;
    std::string_view answers, course, sentence;
  };
  const Row kRows[] = {
      {2, 3, "+", "U", "the first answer decides alone"},
      {2, 3, "-", "D", "the first answer decides alone, a bad one too"},
      {2, 3, "+++", "Uuu", "more of the same changes nothing"},
      {2, 3, "---", "Ddd", "more of the same changes nothing"},
      {2, 3, "+---", "UuuD", "fall failures in a row bring it down"},
      {2, 3, "-++", "DdU", "rise answers in a row bring it up"},
      {2, 3, "+--+--+---", "UuuuuuuuuD", "a good answer in between begins the count anew"},
      {3, 3, "-++-++-+++", "DddddddddU", "a failure in between begins the count anew"},
      {2, 3, "+---++---", "UuuDdUuuD", "it goes up and down again and again"},
      {1, 1, "+-+-", "UDUD", "one answer is enough where one is asked for"},
      {0, 0, "+-+-", "UDUD", "none is taken for one"},
      {1, 5, "-+-----", "DUuuuuD", "rise and fall are their own"},
      {2, 3, "s", "S", "the first answer decides alone, a standby's too"},
      {2, 9, "+!", "UD", "a certain failure brings it down at once"},
      {2, 9, "+-!", "UuD", "a certain failure counts among others"},
      {2, 9, "+s", "US", "a primary that is a replica now is a standby at once"},
      {2, 9, "-s", "DS", "so is one that comes back as a replica"},
      {2, 9, "s!", "SD", "a standby that is gone is down at once"},
      {2, 3, "s---", "SssD", "a standby falls like others"},
      {2, 3, "sss", "Sss", "more of the same changes nothing"},
      {2, 3, "s++", "SsU", "a standby that is promoted rises like others"},
      {2, 2, "s+-+-+", "Ssssss", "answers of two kinds do not add up"},
      {2, 2, "s-s-s--", "SsssssD", "its own answer begins the count anew"},
  };
  for (const Row& row : kRows) EXPECT_EQ(course(row.answers, row.rise, row.fall), row.course) << row.sentence;
}

TEST(HealthCount, IsFailingFromTheFirstFailureUntilItIsDecided) {
  HealthCount count;
  const auto fails_after = [&](Health told, bool is_certain = false) {
    (void)count.take(told, is_certain, 2, 2);
    return count.is_failing();
  };
  EXPECT_FALSE(fails_after(Health::up));
  EXPECT_TRUE(fails_after(Health::down));
  EXPECT_FALSE(fails_after(Health::up)) << "it is well again";
  EXPECT_TRUE(fails_after(Health::down));
  EXPECT_FALSE(fails_after(Health::down)) << "it is down";
  EXPECT_FALSE(fails_after(Health::up)) << "it rises";
  EXPECT_FALSE(fails_after(Health::standby, true));
}

TEST(HealthCount, TakesTheLargestNumbers) {
  HealthCount count;
  count.take(Health::up, false, 1, 65535);
  for (int i = 1; i < 65535; ++i) EXPECT_FALSE(count.take(Health::down, false, 1, 65535));
  EXPECT_TRUE(count.take(Health::down, false, 1, 65535));
  EXPECT_EQ(count.health(), Health::down);
}

}  // namespace
}  // namespace amb
