// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipe_pool.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TEST(PipePool, LendsNoMoreThanItMay) {
  PipePool pool(2);
  auto first = pool.borrow();
  auto second = pool.borrow();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(pool.borrow());
  EXPECT_EQ(pool.open_pipes(), 2U);
}

TEST(PipePool, LendsAnEmptyPipeAgain) {
  PipePool pool(1);
  auto pipe = pool.borrow();
  const Pipe* same = pipe.get();
  pipe.reset();
  EXPECT_EQ(pool.borrow().get(), same);
}

TEST(PipePool, DestroysAPipeThatStillHoldsBytes) {
  PipePool pool(1);
  auto pipe = pool.borrow();
  pipe->held_bytes = 1;
  pipe.reset();
  EXPECT_EQ(pool.open_pipes(), 0U);
  EXPECT_TRUE(pool.borrow()) << "and makes room for another";
}

TEST(PipePool, ClosesWhatNobodyHasNeededSinceTheLastTrim) {
  PipePool pool(2);
  {
    const auto first = pool.borrow();
    const auto second = pool.borrow();
  }
  pool.trim();
  EXPECT_EQ(pool.open_pipes(), 2U) << "both were needed a moment ago";
  pool.borrow().reset();
  pool.trim();
  EXPECT_EQ(pool.open_pipes(), 1U);
  pool.trim();
  EXPECT_EQ(pool.open_pipes(), 0U);
  EXPECT_TRUE(pool.borrow());
}

TEST(PipePool, LendsNoneOnceSpliceWasRefused) {
  PipePool pool(2);
  auto lent = pool.borrow();
  pool.refuse();
  EXPECT_FALSE(pool.borrow());
  lent.reset();
  EXPECT_EQ(pool.open_pipes(), 0U);
}

TEST(PipePool, OfNoneLendsNone) { EXPECT_FALSE(PipePool(0).borrow()); }

}  // namespace
}  // namespace amb
