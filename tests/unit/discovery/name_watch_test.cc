// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_watch.h"

#include <gtest/gtest.h>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using std::chrono::seconds;
using test::ip;

const std::vector<SocketAddress> kFive = {ip("10.0.0.5")}, kSix = {ip("10.0.0.6")}, kNone;

NameAnswer found(std::vector<SocketAddress> addresses, seconds ttl = seconds(60)) {
  return {NameAnswer::Kind::found, std::move(addresses), ttl, {}};
}
NameAnswer none() { return {.kind = NameAnswer::Kind::none, .error = "no such name"}; }
NameAnswer failed() { return {.kind = NameAnswer::Kind::failed, .error = "no server answered"}; }

/// A watch whose resolver and clock are the test's.
class WatchedName : public testing::Test {
 protected:
  struct Told {
    std::vector<SocketAddress> before;
    bool changed, began_to_fail;
    std::string error;
  };

  void answer(NameAnswer answer) {
    if (!pending_) watch_->refresh();
    auto reply = std::exchange(pending_, nullptr);
    ASSERT_TRUE(reply) << "nothing was asked";
    reply(std::move(answer));
  }
  void pass(seconds time) { now_ += time; }
  const std::vector<SocketAddress>& addresses() const { return watch_->addresses(); }

  boost::asio::io_context io_;
  std::chrono::steady_clock::time_point now_{seconds(1'000'000)};
  int questions_ = 0;
  std::move_only_function<void(NameAnswer)> pending_;
  std::vector<Told> told_;
  std::unique_ptr<NameWatch> watch_ = std::make_unique<NameWatch>(
      io_, "redis",
      [this](const std::string& name, std::move_only_function<void(NameAnswer)> reply) {
        EXPECT_EQ(name, "redis");
        ++questions_;
        pending_ = std::move(reply);
      },
      [this](const NameWatch::News& news) {
        told_.push_back({news.before, news.addresses_changed, news.began_to_fail, news.error});
      },
      [this] { return now_; });
};

TEST_F(WatchedName, IsNotAskedForBeforeItIsRefreshed) {
  EXPECT_EQ(questions_, 0);
  EXPECT_FALSE(watch_->has_answered());
}

TEST_F(WatchedName, IsAskedForOnceAtATime) {
  watch_->refresh();
  watch_->refresh();
  EXPECT_EQ(questions_, 1);
  answer(found(kFive));
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
  pass(NameWatch::kEmptyGrace - seconds(1));
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
  pass(NameWatch::kLongestTtl);
  answer(none());
  EXPECT_EQ(addresses(), kFive) << "one mistake of a server takes nothing away";
}

TEST_F(WatchedName, BeginsTheGracePeriodAnewWhenItWasThereInBetween) {
  answer(found(kFive));
  answer(none());
  pass(NameWatch::kEmptyGrace);
  answer(found(kFive));
  answer(none());
  EXPECT_EQ(addresses(), kFive);
}

TEST_F(WatchedName, DoesNotBeginTheGracePeriodAnewForAFailureInBetween) {
  answer(found(kFive));
  answer(none());
  answer(failed());
  pass(NameWatch::kEmptyGrace);
  answer(none());
  EXPECT_EQ(addresses(), kNone);
}

TEST_F(WatchedName, GetsItsAddressesBackAtOnce) {
  answer(none());
  pass(NameWatch::kEmptyGrace);
  answer(none());
  answer(found(kSix));
  EXPECT_EQ(addresses(), kSix);
  EXPECT_EQ(told_.back().before, kNone);
}

TEST_F(WatchedName, IsAskedForAgainWhenItsAnswerHasExpired) {
  answer(found(kFive, seconds(0)));
  const int before = questions_;
  while (questions_ == before && io_.run_one_for(test::kDeadline) > 0) {
  }
  EXPECT_EQ(questions_, before + 1);
}

TEST_F(WatchedName, IsAskedForAgainAfterAFailure) {
  answer(failed());
  const int before = questions_;
  while (questions_ == before && io_.run_one_for(test::kDeadline) > 0) {
  }
  EXPECT_EQ(questions_, before + 1);
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
