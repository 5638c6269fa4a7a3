// SPDX-License-Identifier: Apache-2.0
#include "base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

namespace amb {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }
UniqueFd open_one() { return UniqueFd(::eventfd(0, EFD_CLOEXEC)); }

TEST(UniqueFd, OwnsNothingAtFirst) { EXPECT_FALSE(UniqueFd().is_open()); }

TEST(UniqueFd, ClosesAtTheEndOfItsLife) {
  int number = -1;
  {
    const UniqueFd fd = open_one();
    number = fd.borrow();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, HandsItsDescriptorOnWhenMoved) {
  UniqueFd from = open_one();
  const int number = from.borrow();
  const UniqueFd to = std::move(from);
  EXPECT_EQ(to.borrow(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, ClosesWhatItHeldWhenAnotherIsMovedIn) {
  UniqueFd holder = open_one(), other = open_one();
  const int first = holder.borrow(), second = other.borrow();
  holder = std::move(other);
  EXPECT_FALSE(is_open(first));
  EXPECT_EQ(holder.borrow(), second);
}

TEST(UniqueFd, SurvivesBeingMovedIntoItself) {
  UniqueFd fd = open_one();
  const int number = fd.borrow();
  UniqueFd& same = fd;
  fd = std::move(same);
  EXPECT_EQ(fd.borrow(), number);
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, LeavesAReleasedDescriptorOpen) {
  UniqueFd fd = open_one();
  const UniqueFd keeper(fd.release());
  EXPECT_FALSE(fd.is_open());
  EXPECT_TRUE(is_open(keeper.borrow()));
}

}  // namespace
}  // namespace amb
