// SPDX-License-Identifier: Apache-2.0
#include "health/turns.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>

namespace amb {
namespace {

class TurnsOfTwo : public testing::Test {
 protected:
  void arrive(char who) { boost::asio::co_spawn(io_, wait(who), boost::asio::detached); }
  boost::asio::awaitable<void> wait(char who) {
    co_await turns_.take();
    began_ += who;
  }
  const std::string& began() {
    io_.restart();
    io_.poll();
    return began_;
  }

  boost::asio::io_context io_;
  Turns turns_{io_, 2};
  std::string began_;
};

TEST_F(TurnsOfTwo, LetTwoInAtOnceAndTheOthersWait) {
  for (const char who : {'a', 'b', 'c', 'd'}) arrive(who);
  EXPECT_EQ(began(), "ab");
}

TEST_F(TurnsOfTwo, LetTheFirstThatCameInNext) {
  for (const char who : {'a', 'b', 'c', 'd'}) arrive(who);
  EXPECT_EQ(began(), "ab");
  turns_.give_back();
  EXPECT_EQ(began(), "abc");
  turns_.give_back();
  turns_.give_back();
  EXPECT_EQ(began(), "abcd");
}

TEST_F(TurnsOfTwo, LetNobodyOvertakeWhoeverWaits) {
  for (const char who : {'a', 'b', 'c'}) arrive(who);
  EXPECT_EQ(began(), "ab");
  turns_.give_back();
  arrive('d');
  EXPECT_EQ(began(), "abc");
}

TEST_F(TurnsOfTwo, AreThereAgainWhenNobodyWaits) {
  arrive('a');
  EXPECT_EQ(began(), "a");
  turns_.give_back();
  for (const char who : {'b', 'c', 'd'}) arrive(who);
  EXPECT_EQ(began(), "abc");
}

TEST_F(TurnsOfTwo, MayEndWhileSomebodyWaits) {
  for (const char who : {'a', 'b', 'c'}) arrive(who);
  EXPECT_EQ(began(), "ab");
}

}  // namespace
}  // namespace amb
