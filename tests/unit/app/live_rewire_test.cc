// SPDX-License-Identifier: Apache-2.0
//
// A link is led elsewhere by a command, and how long that holds.
#include <gtest/gtest.h>

#include "unit/app/living.h"

namespace amb {
namespace {

using namespace test;
using Kind = SessionFate::Kind;

class LiveRewire : public testing::Test {
 protected:
  std::string leading_to(const Service& service, const std::string& more = {}) const {
    return link_text("a", listen_, service.address(), more);
  }
  /// Why the rewire is over.
  std::string end() { return std::string(living_.supervisor().record("rewire_ended").at("why").as_string()); }

  Service first_, second_, third_;
  SocketAddress listen_ = free_address(), other_ = free_address();
  Living living_{leading_to(first_)};
};

TEST_F(LiveRewire, LeadsNewSessionsElsewhereAndLetsTheOthersGoOn) {
  const TcpPair session = living_.opens_session(listen_, first_);
  const auto result = living_.rewire("a", second_);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->generation, 2U);
  EXPECT_EQ(steps_of(*result), std::vector<std::string>{"change a"});
  EXPECT_TRUE(living_.leads(listen_, second_));
  EXPECT_TRUE(is_alive(session));
  ASSERT_NE(living_->declared(*living_->find("a")), nullptr);
  EXPECT_EQ(living_->declared(*living_->find("a"))->targets[0].text, "tcp://" + first_.address().to_string());
  const auto record = living_.supervisor().record("rewired");
  EXPECT_EQ(record.at("was").as_string(), "tcp://" + first_.address().to_string());
  EXPECT_EQ(record.at("now").as_string(), "tcp://" + second_.address().to_string());
  EXPECT_EQ(record.at("existing").as_string(), "keep");
}

TEST_F(LiveRewire, BackLeadsWhereTheSourceSays) {
  ASSERT_TRUE(living_.rewire("a", second_));
  ASSERT_TRUE(living_.rewire("a", third_));
  ASSERT_TRUE(living_.back("a"));
  EXPECT_TRUE(living_.leads(listen_, first_));
  EXPECT_EQ(living_->declared(*living_->find("a")), nullptr);
  const auto again = living_.back("a");
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->was_applied) << "it is there already";
}

TEST_F(LiveRewire, CutsOrDrainsTheSessionsElsewhereIfToldTo) {
  const TcpPair at_first = living_.opens_session(listen_, first_);
  ASSERT_TRUE(living_.rewire("a", second_, SessionFate{Kind::cut}));
  EXPECT_TRUE(was_reset(at_first));
  const TcpPair at_second = living_.opens_session(listen_, second_);
  ASSERT_TRUE(living_.rewire("a", third_, SessionFate{Kind::drain, std::chrono::milliseconds(20)}));
  const TcpPair at_third = living_.opens_session(listen_, third_);
  EXPECT_TRUE(living_.supervisor().run_until(
      [&] { return living_.supervisor().records("session_failed").size() == 2; }));
  EXPECT_TRUE(was_reset(at_second));
  EXPECT_TRUE(is_alive(at_third));
}

TEST_F(LiveRewire, TheLastWordOnSessionsElsewhereCounts) {
  const TcpPair session = living_.opens_session(listen_, first_);
  ASSERT_TRUE(living_.rewire("a", second_, SessionFate{Kind::drain, std::chrono::hours(1)}));
  ASSERT_TRUE(living_.rewire("a", third_, SessionFate{Kind::keep}));
  EXPECT_TRUE(is_alive(session));
  ASSERT_TRUE(living_.rewire("a", second_, SessionFate{Kind::cut}));
  EXPECT_TRUE(was_reset(session));
}

TEST_F(LiveRewire, DoesAsTheLinkSaysWithSessionsElsewhere) {
  ASSERT_TRUE(living_.reload(leading_to(first_, "on_rewire = 'cut'\n")));
  const TcpPair session = living_.opens_session(listen_, first_);
  ASSERT_TRUE(living_.rewire("a", second_));
  EXPECT_TRUE(was_reset(session));
}

TEST_F(LiveRewire, ADryRunOnlySaysWhatWouldHappen) {
  const auto result =
      living_.rewire({.link = "a", .upstream = {second_.address().to_string()}, .dry_run = true});
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->was_applied);
  EXPECT_EQ(steps_of(*result), std::vector<std::string>{"change a"});
  EXPECT_TRUE(living_.leads(listen_, first_));
  EXPECT_EQ(living_->declared(*living_->find("a")), nullptr);
}

TEST_F(LiveRewire, OfALinkThatIsNotThereNamesTheNearest) {
  ASSERT_TRUE(living_.reload(leading_to(first_) + link_text("redis", other_, second_.address())));
  const auto result = living_.rewire("rediss", third_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 404);
  EXPECT_EQ(result.error().what, "there is no link 'rediss'; did you mean redis?");
}

TEST_F(LiveRewire, ToWhatIsWrongSaysWhyAndChangesNothing) {
  const auto result = living_.rewire({.link = "a", .upstream = {"x:99999", listen_.to_string()}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 422);
  EXPECT_FALSE(result.error().problems.empty());
  EXPECT_FALSE(living_.rewire({.link = "a", .upstream = {listen_.to_string()}})) << "a loop";
  EXPECT_FALSE(living_.rewire({.link = "a"})) << "nowhere";
  EXPECT_EQ(living_->rejections(), 0U) << "that counts files";
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveRewire, HoldsThroughAReloadThatSaysTheSameOfIt) {
  ASSERT_TRUE(living_.rewire("a", second_));
  ASSERT_TRUE(living_.reload(leading_to(first_) + link_text("b", other_, first_.address())));
  EXPECT_TRUE(living_.leads(listen_, second_));
  EXPECT_TRUE(living_.leads(other_, first_));
  EXPECT_TRUE(living_.supervisor().records("rewire_ended").empty());
}

TEST_F(LiveRewire, HoldsThroughAReloadThatGivesTheLinkAnotherName) {
  ASSERT_TRUE(living_.rewire("a", second_));
  ASSERT_TRUE(living_.reload(link_text("z", listen_, first_.address())));
  EXPECT_TRUE(living_.leads(listen_, second_));
  ASSERT_TRUE(living_.back("z"));
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveRewire, BackStaysWhereTheLinkHasListenedSince) {
  ASSERT_TRUE(living_.rewire("a", second_));
  ASSERT_TRUE(living_.reload(link_text("a", other_, first_.address())));
  EXPECT_TRUE(living_.leads(other_, second_));
  ASSERT_TRUE(living_.back("a"));
  EXPECT_TRUE(living_.leads(other_, first_));
  EXPECT_EQ(connect_to(listen_).error, ECONNREFUSED);
}

TEST_F(LiveRewire, EndsWhenItsSourceSaysSomethingElse) {
  ASSERT_TRUE(living_.rewire("a", second_));
  ASSERT_TRUE(living_.reload(leading_to(third_)));
  EXPECT_TRUE(living_.leads(listen_, third_));
  EXPECT_EQ(living_->declared(*living_->find("a")), nullptr);
  EXPECT_EQ(end(), "its source says something else now");
}

TEST_F(LiveRewire, EndsWithItsLink) {
  ASSERT_TRUE(living_.rewire("a", second_));
  ASSERT_TRUE(living_.reload(link_text("b", other_, first_.address())));
  EXPECT_EQ(end(), "no source has the link any more");
  ASSERT_TRUE(living_.reload(leading_to(first_) + link_text("b", other_, first_.address())));
  EXPECT_TRUE(living_.leads(listen_, first_)) << "it begins anew";
}

TEST_F(LiveRewire, EndsWhenItWouldLeadBackToUs) {
  const SocketAddress place = free_address();
  ASSERT_TRUE(living_.rewire({.link = "a", .upstream = {place.to_string()}}));
  ASSERT_TRUE(living_.reload(leading_to(first_) + link_text("b", place, second_.address())));
  EXPECT_NE(end().find("is this ambassador itself"), std::string::npos);
  EXPECT_TRUE(living_.leads(listen_, first_));
}

}  // namespace
}  // namespace amb
