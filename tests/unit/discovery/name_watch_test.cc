// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_watch.h"

#include <gtest/gtest.h>

#include "unit/discovery/watched_name.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::seconds;

TEST_F(WatchedName, IsNotAskedForBeforeItIsRefreshed) {
  EXPECT_EQ(questions_, 0);
  EXPECT_FALSE(watch_->has_answered());
}

TEST_F(WatchedName, IsAskedForOnceAtATime) {
  watch_->refresh();
  watch_->refresh();
  EXPECT_EQ(questions_, 1);
  answer(found(kFive));
  pass(std::chrono::milliseconds(100));
  watch_->refresh();
  EXPECT_EQ(questions_, 2);
}

TEST_F(WatchedName, TellsOfEveryAnswerWhetherItChangedAnything) {
  answer(found(kFive));
  answer(found(kFive));
  answer(found(kSix));
  ASSERT_EQ(told_.size(), 3U);
  EXPECT_TRUE(told_[0].changed);
  EXPECT_FALSE(told_[1].changed);
  EXPECT_TRUE(told_[2].changed);
  EXPECT_EQ(told_[2].before, kFive);
  EXPECT_EQ(addresses(), kSix);
  EXPECT_TRUE(watch_->has_answered());
}

TEST_F(WatchedName, IsAsOldAsItsLastGoodAnswer) {
  EXPECT_EQ(watch_->age(), seconds(0));
  EXPECT_FALSE(watch_->is_failing());
  pass(seconds(3));
  answer(failed());
  EXPECT_EQ(watch_->age(), seconds(3)) << "there was none yet: since it began";
  EXPECT_TRUE(watch_->is_failing());
  answer(found(kFive));
  pass(seconds(2));
  EXPECT_EQ(watch_->age(), seconds(2));
  EXPECT_FALSE(watch_->is_failing());
  answer(none());
  answer(failed());
  pass(seconds(5));
  EXPECT_EQ(watch_->age(), seconds(7));
  EXPECT_TRUE(watch_->is_failing());
  answer(found(kFive));
  EXPECT_EQ(watch_->age(), seconds(0)) << "the same answer again is as good";
}

TEST_F(WatchedName, DoesNotTakeAServersRoundRobinForAMove) {
  const std::vector<SocketAddress> there = {kFive[0], kSix[0]}, back = {kSix[0], kFive[0]};
  answer(found(there));
  answer(found(back));
  EXPECT_FALSE(told_.back().changed);
  EXPECT_EQ(addresses(), there);
}

TEST_F(WatchedName, SeesThatAnAddressCameOrWent) {
  answer(found(kFive));
  answer(found({kFive[0], kSix[0]}));
  EXPECT_TRUE(told_.back().changed);
  answer(found(kSix));
  EXPECT_TRUE(told_.back().changed);
  EXPECT_EQ(addresses(), kSix);
}

TEST_F(WatchedName, KeepsTheLastGoodAnswerHoweverLongTheResolverFails) {
  answer(found(kFive));
  for (int i = 0; i < 100; ++i) {
    pass(seconds(60));
    answer(failed());
  }
  EXPECT_EQ(addresses(), kFive);
  EXPECT_FALSE(told_.back().changed);
}

TEST_F(WatchedName, SaysOnlyOnceThatItBeganToFail) {
  answer(failed());
  EXPECT_TRUE(told_.back().began_to_fail) << "the first answer of all";
  EXPECT_EQ(told_.back().error, "no server answered");
  answer(failed());
  EXPECT_FALSE(told_.back().began_to_fail);
  answer(found(kFive));
  EXPECT_FALSE(told_.back().began_to_fail);
  answer(none());
  EXPECT_TRUE(told_.back().began_to_fail);
}

TEST_F(WatchedName, KeepsItsAddressesForAGracePeriodWhenItCeasesToExist) {
  answer(found(kFive));
  answer(none());
  EXPECT_EQ(addresses(), kFive);
  pass(kSettings.empty_grace - seconds(1));
  answer(none());
  EXPECT_EQ(addresses(), kFive);
  pass(seconds(1));
  answer(none());
  EXPECT_EQ(addresses(), kNone);
  EXPECT_TRUE(told_.back().changed);
  EXPECT_EQ(told_.back().before, kFive);
}

TEST_F(WatchedName, CountsTheGracePeriodFromTheFirstSuchAnswerHoweverOldTheLastGoodOne) {
  answer(found(kFive));
  pass(kSettings.max_ttl);
  answer(none());
  EXPECT_EQ(addresses(), kFive) << "one mistake of a server takes nothing away";
}

TEST_F(WatchedName, BeginsTheGracePeriodAnewWhenItWasThereInBetween) {
  answer(found(kFive));
  answer(none());
  pass(kSettings.empty_grace);
  answer(found(kFive));
  answer(none());
  EXPECT_EQ(addresses(), kFive);
}

TEST_F(WatchedName, DoesNotBeginTheGracePeriodAnewForAFailureInBetween) {
  answer(found(kFive));
  answer(none());
  answer(failed());
  pass(kSettings.empty_grace);
  answer(none());
  EXPECT_EQ(addresses(), kNone);
}

TEST_F(WatchedName, GetsItsAddressesBackAtOnce) {
  answer(none());
  pass(kSettings.empty_grace);
  answer(none());
  answer(found(kSix));
  EXPECT_EQ(addresses(), kSix);
  EXPECT_EQ(told_.back().before, kNone);
}

TEST_F(WatchedName, IsKnownToBeGoneOnceTheGracePeriodIsOver) {
  answer(none());
  EXPECT_FALSE(watch_->is_gone());
  pass(kSettings.empty_grace);
  answer(failed());
  EXPECT_FALSE(watch_->is_gone()) << "a failure says nothing";
  answer(none());
  EXPECT_TRUE(watch_->is_gone());
  answer(found(kFive));
  EXPECT_FALSE(watch_->is_gone());
}

TEST_F(WatchedName, LosesItsAddressesAtOnceWithoutAGracePeriod) {
  start({.empty_grace = seconds(0)});
  answer(found(kFive));
  answer(none());
  EXPECT_EQ(addresses(), kNone);
}

TEST_F(WatchedName, TakesNoAnswerAfterItsEnd) {
  watch_->refresh();
  watch_.reset();
  pending_(found(kFive));
  EXPECT_TRUE(told_.empty());
}

TEST_F(WatchedName, AsksNothingAfterItsEnd) {
  answer(failed());
  watch_.reset();
  const int before = questions_;
  io_.run();  // ends, for nothing is left to wait for
  EXPECT_EQ(questions_, before);
}

}  // namespace
}  // namespace amb
