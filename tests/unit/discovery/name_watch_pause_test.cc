// SPDX-License-Identifier: Apache-2.0
//
// When a name is asked for again: by itself, because a session wants it, and because a file has changed.
#include <gtest/gtest.h>

#include "unit/discovery/watched_name.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_F(WatchedName, IsAskedForAgainWhenItsTimeToLiveIsOver) {
  answer(found(kFive, seconds(17)));
  EXPECT_EQ(watch_->pause(), seconds(17));
  answer(found(kFive, seconds(0)));
  EXPECT_EQ(watch_->pause(), NameWatch::kShortestTtl);
  answer(found(kFive, seconds(600)));
  EXPECT_EQ(watch_->pause(), kSettings.max_ttl);
}

TEST_F(WatchedName, IsAskedForAtMostOnceASecondWhateverTheSettingsSay) {
  start({.max_ttl = milliseconds(1)});
  answer(found(kFive, seconds(600)));
  EXPECT_EQ(watch_->pause(), NameWatch::kShortestTtl);
}

TEST_F(WatchedName, IsAskedForByItselfWhenItsAnswerHasExpired) {
  answer(found(kFive, seconds(0)));
  EXPECT_TRUE(asks_again());
}

TEST_F(WatchedName, IsAskedForByItselfAfterAFailure) {
  answer(failed());
  EXPECT_TRUE(asks_again());
}

TEST_F(WatchedName, IsAskedForEverMoreRarelyWhileItFails) {
  for (const int pause : {1, 2, 4, 8, 10, 10}) {
    answer(failed());
    EXPECT_EQ(watch_->pause(), seconds(pause));
  }
  answer(found(kFive));
  answer(none());
  EXPECT_EQ(watch_->pause(), seconds(1));
}

TEST_F(WatchedName, IsAskedForAgainWhenItsGracePeriodIsOver) {
  answer(found(kFive));
  for (int i = 0; i < 5; ++i) answer(none());
  EXPECT_EQ(watch_->pause(), seconds(10));
  pass(kSettings.empty_grace - seconds(3));
  answer(none());
  EXPECT_EQ(watch_->pause(), seconds(3));
  pass(seconds(2) + milliseconds(990));
  answer(failed());
  EXPECT_EQ(watch_->pause(), watch_->shortest_pause() / NameWatch::kRefreshes);
  pass(seconds(1));
  answer(failed());
  EXPECT_EQ(watch_->pause(), seconds(10)) << "the grace period is over, but only an answer ends it";
}

TEST_F(WatchedName, IsAskedForAtMostTenTimesASecondHoweverManySessionsFail) {
  answer(found(kFive));
  const int before = questions_;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(questions_, before) << "it was answered just now";
  EXPECT_TRUE(asks_again()) << "and they get a new answer all the same";
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows) << "this one";
  EXPECT_EQ(questions_, before + 1);
}

TEST_F(WatchedName, IsAskedForAtOnceAfterAWhile) {
  answer(found(kFive));
  const int before = questions_;
  pass(std::chrono::milliseconds(100));
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(questions_, before + 1);
}

class NameWithoutAddress : public WatchedName, public testing::WithParamInterface<bool> {};

TEST_P(NameWithoutAddress, NeedsNoNewQuestionForASecond) {
  answer(GetParam() ? none() : failed());
  pass(NameWatch::kNegativeCache - milliseconds(1));
  EXPECT_EQ(watch_->refresh(), Refresh::is_known);
  EXPECT_EQ(questions_, 1);
  pass(milliseconds(1));
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(questions_, 2);
}

INSTANTIATE_TEST_SUITE_P(NoneOrFailed, NameWithoutAddress, testing::Bool());

TEST_F(WatchedName, ThatKeepsItsAddressesIsAskedForAlthoughItFails) {
  answer(found(kFive));
  answer(failed());
  pass(std::chrono::milliseconds(100));
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(questions_, 3);
}

TEST_F(WatchedName, IsAskedForAtOnceWhenAFileHasChanged) {
  answer(none());
  watch_->outdate();
  EXPECT_EQ(questions_, 2) << "that it had nothing may be over";
  answer(found(kFive));
  watch_->outdate();
  EXPECT_EQ(questions_, 3) << "and what was put off is not waited for";
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(questions_, 3);
}

TEST_F(WatchedName, IsAskedForAnewWhenAFileChangesWhileItIsAskedFor) {
  watch_->refresh();
  watch_->outdate();
  EXPECT_EQ(questions_, 1) << "one at a time";
  answer(found(kFive));
  EXPECT_EQ(questions_, 2);
  EXPECT_TRUE(told_.empty()) << "that answer may be from before the change";
  answer(found(kSix));
  EXPECT_EQ(questions_, 2);
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(addresses(), kSix);
}

TEST_F(WatchedName, GetsAnAnswerAlthoughAFileChangesAllTheTime) {
  watch_->refresh();
  for (int i = 0; i < 4; ++i) {
    watch_->outdate();
    answer(found(kFive));
  }
  EXPECT_EQ(told_.size(), 2U);
  EXPECT_EQ(questions_, 5) << "and the last one is still to come";
}

TEST_F(WatchedName, IsNotAskedForTwiceByItsOldTimer) {
  answer(found(kFive, seconds(0)));
  watch_->refresh();  // put off, which moves the timer
  EXPECT_TRUE(asks_again());
  answer(found(kFive, seconds(60)));
  const int before = questions_;
  io_.poll();
  EXPECT_EQ(questions_, before);
}

std::vector<SocketAddress> crowd(std::size_t count) {
  std::vector<SocketAddress> addresses;
  for (std::size_t i = 0; i < count; ++i)
    addresses.push_back(ip("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
  return addresses;
}

TEST_F(WatchedName, OfManyAddressesRestsLongerHoweverShortItsTimeToLive) {
  answer(found(crowd(250), seconds(0)));
  EXPECT_EQ(watch_->pause(), seconds(5));
  answer(found(crowd(50), seconds(0)));
  EXPECT_EQ(watch_->pause(), seconds(1)) << "as many as a datagram holds cost nothing";
}

TEST_F(WatchedName, OfManyAddressesIsAskedForLessOftenBySessionsToo) {
  answer(found(crowd(250)));
  const int asked = questions_;
  pass(std::chrono::milliseconds(499));
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(questions_, asked) << "put off";
}

TEST_F(WatchedName, AmongManyRestsLongerSoThatAllOfThemAreAskedForAHundredTimesASecond) {
  crowd_->watches = 500;
  answer(found(kFive, seconds(0)));
  EXPECT_EQ(watch_->pause(), seconds(5));
  crowd_->watches = 1;
  answer(found(kFive, seconds(0)));
  EXPECT_EQ(watch_->pause(), seconds(1));
}

TEST_F(WatchedName, IsUrgentWhileASessionWaitsAndDoubtfulAfterASilence) {
  watch_->outdate();
  EXPECT_EQ(*urgency_.lock(), Urgency::due);
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(*urgency_.lock(), Urgency::wanted) << "although it was asked before";
  answer(found(kFive));
  watch_->outdate();
  EXPECT_EQ(*urgency_.lock(), Urgency::due);
  answer(failed());
  pass(seconds(2));
  EXPECT_EQ(watch_->refresh(), Refresh::answer_follows);
  EXPECT_EQ(*urgency_.lock(), Urgency::doubtful);
}

}  // namespace
}  // namespace amb
