// SPDX-License-Identifier: Apache-2.0
#include "base/ring.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace amb {
namespace {

TEST(Ring, GivesBackWhatWentInInTheSameOrder) {
  Ring<int, 4> ring;
  EXPECT_FALSE(ring.pop());
  EXPECT_TRUE(ring.push(1));
  EXPECT_TRUE(ring.push(2));
  EXPECT_EQ(ring.pop(), 1);
  EXPECT_EQ(ring.pop(), 2);
  EXPECT_FALSE(ring.pop());
}

TEST(Ring, HoldsExactlyItsCapacityThenDropsTheNewestAndCountsIt) {
  Ring<int, 4> ring;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(i)) << i;
  EXPECT_EQ(ring.dropped(), 0U);
  EXPECT_FALSE(ring.push(4));
  EXPECT_FALSE(ring.push(5));
  EXPECT_EQ(ring.dropped(), 2U);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(ring.pop(), i);
  EXPECT_FALSE(ring.pop());
}

TEST(Ring, GoesRoundManyTimes) {
  Ring<std::string, 2> ring;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(ring.push(std::to_string(i)));
    ASSERT_TRUE(ring.push(std::to_string(-i)));
    ASSERT_EQ(ring.pop(), std::to_string(i));
    ASSERT_EQ(ring.pop(), std::to_string(-i));
  }
}

struct Wide {
  std::size_t number = 0, same = 0, again = 0;
};

TEST(Ring, CarriesWholeValuesInOrderFromOneThreadToAnother) {
  constexpr std::size_t kValues = 200'000;
  Ring<Wide, 64> ring;
  std::thread writer([&] {
    for (std::size_t i = 1; i <= kValues; ++i) (void)ring.push({i, i, i});
    while (!ring.push({kValues + 1, kValues + 1, kValues + 1})) std::this_thread::yield();
  });
  std::size_t last = 0, taken = 0;
  std::uint64_t refused_last = 0;
  while (last <= kValues) {
    const auto value = ring.pop();
    if (!value) {
      std::this_thread::yield();
      continue;
    }
    ++taken;
    ASSERT_GT(value->number, last);
    ASSERT_EQ(value->number, value->same);
    ASSERT_EQ(value->number, value->again);
    last = value->number;
  }
  writer.join();
  refused_last = ring.dropped();
  EXPECT_GE(taken + refused_last, kValues + 1) << "every value was taken or counted";
}

}  // namespace
}  // namespace amb
