// SPDX-License-Identifier: Apache-2.0
#include "app/human.h"

#include <gtest/gtest.h>

#include <limits>

namespace amb {
namespace {

using std::chrono::seconds;

TEST(HumanBytes, HaveThreeDigitsAndAUnit) {
  const std::pair<std::uint64_t, const char*> kRows[] = {
      {0, "0 B"},
      {999, "999 B"},
      {1000, "1.00 kB"},
      {1005, "1.00 kB"},
      {12345, "12.3 kB"},
      {123456, "123 kB"},
      {999999, "999 kB"},
      {1000000, "1.00 MB"},
      {1090000, "1.09 MB"},
      {50000000000, "50.0 GB"},
      {std::numeric_limits<std::uint64_t>::max(), "18.4 EB"}};
  for (const auto& [bytes, text] : kRows) EXPECT_EQ(human_bytes(bytes), text) << bytes;
}

TEST(HumanCount, IsWholeWhileItIsShort) {
  const std::pair<std::uint64_t, const char*> kRows[] = {
      {0, "0"}, {9999, "9999"}, {10000, "10.0k"}, {123456, "123k"}, {4500000, "4.50M"}};
  for (const auto& [count, text] : kRows) EXPECT_EQ(human_count(count), text) << count;
}

TEST(HumanPlural, AgreesWithItsNumber) {
  EXPECT_EQ(human_plural(0, "session"), "0 sessions");
  EXPECT_EQ(human_plural(1, "session"), "1 session");
  EXPECT_EQ(human_plural(12345, "session"), "12.3k sessions");
}

TEST(HumanTime, HasTwoUnitsAtMost) {
  const std::pair<seconds, const char*> kRows[] = {
      {seconds(0), "0s"},     {seconds(59), "59s"},         {seconds(60), "1m"},
      {seconds(3599), "59m"}, {seconds(3600), "1h"},        {seconds(11100), "3h 5m"},
      {seconds(86400), "1d"}, {seconds(1051200), "12d 4h"}, {seconds(31536000), "365d"}};
  for (const auto& [time, text] : kRows) EXPECT_EQ(human_time(time), text) << time.count();
  EXPECT_EQ(human_time(std::chrono::milliseconds(1999)), "1s");
}

}  // namespace
}  // namespace amb
