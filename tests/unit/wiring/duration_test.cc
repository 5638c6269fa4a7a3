// SPDX-License-Identifier: Apache-2.0
#include "wiring/duration.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using std::chrono::milliseconds;

TEST(Duration, IsANumberWithAUnitOrSeconds) {
  const std::pair<const char*, milliseconds> kRows[] = {{"500ms", milliseconds(500)},
                                                        {"9s", milliseconds(9000)},
                                                        {"1m", milliseconds(60'000)},
                                                        {"2h", milliseconds(7'200'000)},
                                                        {"30", milliseconds(30'000)},
                                                        {"007s", milliseconds(7000)},
                                                        {"8760h", milliseconds(8760LL * 3'600'000)}};
  for (const auto& [text, expected] : kRows) EXPECT_EQ(parse_duration(text, Zero::refused), expected) << text;
}

TEST(Duration, RefusesEverythingElse) {
  for (const auto* text : {"", "s", "ms", "-1s", "+1s", "1.5s", "1 s", " 1s", "1s ", "1S", "1d", "1m30s",
                           "0x1s", "1e3", "8761h", "18446744073709551615h", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text, Zero::allowed)) << text;
  }
}

TEST(Duration, TakesZeroOnlyWhereItMeansNever) {
  EXPECT_EQ(parse_duration("0", Zero::allowed), milliseconds(0));
  EXPECT_EQ(parse_duration("0ms", Zero::allowed), milliseconds(0));
  EXPECT_FALSE(parse_duration("0", Zero::refused));
}

TEST(Duration, IsPrintedInTheLargestUnitThatFits) {
  EXPECT_EQ(format_duration(milliseconds(1500)), "1500ms");
  EXPECT_EQ(format_duration(milliseconds(9000)), "9s");
  EXPECT_EQ(format_duration(milliseconds(90'000)), "90s");
  EXPECT_EQ(format_duration(milliseconds(60'000)), "1m");
  EXPECT_EQ(format_duration(milliseconds(3'600'000)), "1h");
  EXPECT_EQ(format_duration(milliseconds(0)), "0s");
}

}  // namespace
}  // namespace amb
