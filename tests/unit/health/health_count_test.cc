// SPDX-License-Identifier: Apache-2.0
#include "health/health_count.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace amb {
namespace {

/// `answers` holds '+' and '-'; what comes back is the health after each: '?', 'u' or 'd', capital where
/// take() said that it changed.
std::string course(std::string_view answers, std::uint16_t rise, std::uint16_t fall) {
  HealthCount count;
  std::string course;
  for (const char answer : answers) {
    const bool changed = count.take(answer == '+', rise, fall);
    constexpr std::string_view kStays = "?ud", kChanges = "?UD";
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
  };
  for (const Row& row : kRows) EXPECT_EQ(course(row.answers, row.rise, row.fall), row.course) << row.sentence;
}

TEST(HealthCount, TakesTheLargestNumbers) {
  HealthCount count;
  count.take(true, 1, 65535);
  for (int i = 1; i < 65535; ++i) EXPECT_FALSE(count.take(false, 1, 65535));
  EXPECT_TRUE(count.take(false, 1, 65535));
  EXPECT_EQ(count.health(), Health::down);
}

}  // namespace
}  // namespace amb
