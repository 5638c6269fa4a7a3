// SPDX-License-Identifier: Apache-2.0
#include "proxy/held_buffer.h"

#include <gtest/gtest.h>

#include <vector>

namespace amb {
namespace {

TEST(HeldBufferPool, LendsAnEmptyBufferWithRoomForWhatWasAsked) {
  HeldBufferPool pool;
  for (const std::size_t bytes : {1UL, 4096UL, 4097UL, 256UL * 1024, 1024UL * 1024}) {
    const auto buffer = pool.borrow(bytes);
    EXPECT_TRUE(buffer->bytes().empty());
    std::fill_n(buffer->storage(), bytes, std::byte{7});  // the sanitizer sees one too many
    buffer->end = static_cast<std::uint32_t>(bytes);
    EXPECT_EQ(buffer->bytes().size(), bytes);
  }
}

TEST(HeldBufferPool, LendsTheSameMemoryAgain) {
  HeldBufferPool pool;
  auto buffer = pool.borrow(5000);
  const HeldBuffer* same = buffer.get();
  buffer->end = 5000;
  buffer.reset();
  const auto again = pool.borrow(8000);
  EXPECT_EQ(again.get(), same);
  EXPECT_TRUE(again->bytes().empty()) << "and nothing of what was in it";
}

TEST(HeldBufferPool, KeepsNoMoreMemoryThanItMay) {
  HeldBufferPool pool;
  {
    std::vector<HeldBufferPool::Lease> all;
    for (int i = 0; i < 10; ++i) all.push_back(pool.borrow(HeldBufferPool::kLargestBytes));
    EXPECT_EQ(pool.idle_bytes(), 0U);
  }
  EXPECT_EQ(pool.idle_bytes(), HeldBufferPool::kMostIdleBytes);
}

TEST(HeldBufferPool, IsCrowdedWhileMuchIsHeld) {
  HeldBufferPool pool;
  std::vector<HeldBufferPool::Lease> all;
  while (all.size() < HeldBufferPool::kCrowdedBytes / HeldBufferPool::kLargestBytes) {
    EXPECT_FALSE(pool.is_crowded());
    all.push_back(pool.borrow(HeldBufferPool::kLargestBytes));
  }
  EXPECT_TRUE(pool.is_crowded());
  all.pop_back();
  EXPECT_FALSE(pool.is_crowded());
}

TEST(HeldBufferPool, GivesItsMemoryBackOnceNobodyBorrowsAnyMore) {
  HeldBufferPool pool;
  pool.borrow(100).reset();
  pool.trim();
  EXPECT_TRUE(pool.has_idle()) << "it was needed since the last time";
  pool.trim();
  EXPECT_FALSE(pool.has_idle());
}

}  // namespace
}  // namespace amb
