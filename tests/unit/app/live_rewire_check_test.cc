// SPDX-License-Identifier: Apache-2.0
//
// A rewire whose new targets are checked before it is made, and what may happen meanwhile.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include "unit/app/living.h"

namespace amb {
namespace {

using namespace test;

Examination one_finding(const Link& link, bool is_well, const std::string& said) {
  Examination found;
  found.findings = {{.target = link.targets.front().text,
                     .address = link.targets.front().text.substr(std::string("tcp://").size()),
                     .is_well = is_well,
                     .said = said}};
  return found;
}

class LiveRewireCheck : public testing::Test {
 protected:
  LiveRewireCheck() { finds_dead(); }

  void finds_dead() {
    living_.finds = [](const Link& link) -> LiveWiring::Task<Examination> {
      co_return one_finding(link, false, "refuses connections");
    };
  }
  RewireRequest to_second() const { return {.link = "a", .upstream = {second_.address().to_string()}}; }
  void expect_unchanged() {
    EXPECT_EQ(living_->generation(), 1U);
    EXPECT_TRUE(living_.leads(listen_, first_));
    EXPECT_EQ(living_->declared(*living_->find("a")), nullptr);
  }
  std::string words_of(const std::string& said) const {
    return "rewiring would take a down: " + second_.address().to_string() + " " + said;
  }

  Service first_, second_, third_;
  SocketAddress listen_ = free_address();
  Living living_{link_text("a", listen_, first_.address())};
};

TEST_F(LiveRewireCheck, ChangesNothingWhereNoNewTargetIsUp) {
  const auto result = living_.rewire(to_second());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 409);
  EXPECT_EQ(result.error().what, words_of("refuses connections"));
  ASSERT_EQ(result.error().targets.size(), 1U);
  EXPECT_EQ(result.error().targets[0].said, "refuses connections");
  expect_unchanged();
}

TEST_F(LiveRewireCheck, OfADryRunSaysThatItWouldBeRefused) {
  RewireRequest request = to_second();
  request.dry_run = true;
  const auto result = living_.rewire(request);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->refusal, words_of("refuses connections"));
  EXPECT_EQ(result->targets.size(), 1U);
  EXPECT_EQ(result->existing, "keep");
  expect_unchanged();
}

TEST_F(LiveRewireCheck, IsOverruledByForceAndTellsWhatItFound) {
  RewireRequest request = to_second();
  request.force = true;
  const auto result = living_.rewire(request);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->was_applied);
  ASSERT_EQ(result->targets.size(), 1U);
  EXPECT_FALSE(result->targets[0].is_well);
  EXPECT_TRUE(living_.leads(listen_, second_));
}

TEST_F(LiveRewireCheck, NeverRefusesTheWayBack) {
  RewireRequest request = to_second();
  request.force = true;
  ASSERT_TRUE(living_.rewire(request));
  const auto result = living_.back("a");
  ASSERT_TRUE(result);
  ASSERT_EQ(result->targets.size(), 1U);
  EXPECT_EQ(result->targets[0].target, "tcp://" + first_.address().to_string());
  EXPECT_FALSE(result->targets[0].is_well);
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveRewireCheck, LetsOneTargetThatIsUpDoAndNamesTheOthers) {
  living_.finds = [](const Link& link) -> LiveWiring::Task<Examination> {
    Examination found = one_finding(link, false, "refuses connections");
    found.findings.push_back({.target = "tcp://other", .address = {}, .is_well = true, .said = "up"});
    co_return found;
  };
  const auto result = living_.rewire(to_second());
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->was_applied);
  EXPECT_EQ(result->targets.size(), 2U);
}

TEST_F(LiveRewireCheck, IsNotMadeOfALinkThatLeadsThereAlready) {
  const auto result = living_.rewire({.link = "a", .upstream = {first_.address().to_string()}});
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->was_applied);
  EXPECT_TRUE(living_.examined.empty());
}

TEST_F(LiveRewireCheck, HasNoSayWhereOnlyOtherOptionsChange) {
  const auto result = living_.rewire(
      {.link = "a", .upstream = {"tcp://" + first_.address().to_string() + "?unavailable=hold=5s"}});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->was_applied);
}

TEST_F(LiveRewireCheck, AsksAsTheLinkIsCheckedFromThenOn) {
  EXPECT_FALSE(
      living_.rewire({.link = "a", .upstream = {"tcp://" + first_.address().to_string() + "?health=redis"}}));
  ASSERT_EQ(living_.examined.size(), 1U);
  EXPECT_EQ(living_.examined[0].options.health.kind, HealthOptions::Kind::redis);
}

TEST_F(LiveRewireCheck, OfALinkThatIsDownAlreadySaysThatItStaysSo) {
  living_.supervisor()->endpoints().set_drained(0, false);
  ASSERT_TRUE(
      living_.reload(link_text("a", listen_, "tcp://127.0.0.1:1", "health = 'tcp'\nhealth_fall = 1\n")));
  ASSERT_TRUE(living_.supervisor().run_until(
      [&] { return living_.supervisor()->endpoints().standing(0).is("down"); }));
  const auto result = living_.rewire(to_second());
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().what.starts_with("rewiring would leave a down: ")) << result.error().what;
}

TEST_F(LiveRewireCheck, WaitsUntilATargetIsUp) {
  int asked = 0;
  living_.finds = [&asked](const Link& link) -> LiveWiring::Task<Examination> {
    const bool is_well = ++asked == 3;
    co_return one_finding(link, is_well, is_well ? "up in 1 ms" : "refuses connections");
  };
  RewireRequest request = to_second();
  request.wait = kDeadline;
  const auto result = living_.rewire(request);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->was_applied);
  EXPECT_EQ(asked, 3);
  EXPECT_TRUE(living_.leads(listen_, second_));
}

TEST_F(LiveRewireCheck, IsRefusedWhenTheWaitIsOver) {
  RewireRequest request = to_second();
  request.wait = std::chrono::milliseconds(600);
  const auto result = living_.rewire(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 409);
  EXPECT_EQ(living_.examined.size(), 2U);
  expect_unchanged();
}

TEST_F(LiveRewireCheck, EndsWhenNobodyWaitsForItAnyMore) {
  RewireRequest request = to_second();
  request.wait = kDeadline;
  request.is_wanted = [] { return false; };
  const auto result = living_.rewire(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "nobody waits for the answer any more");
  EXPECT_EQ(living_.examined.size(), 1U);
  expect_unchanged();
}

TEST_F(LiveRewireCheck, IsOverWhenTheProgramStopsMeanwhile) {
  living_.finds = [this](const Link& link) -> LiveWiring::Task<Examination> {
    living_->stop();
    co_return one_finding(link, true, "up");
  };
  const auto result = living_.rewire(to_second());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "the program is stopping");
  EXPECT_TRUE(living_.leads(listen_, first_));
}

/// What the test does while the targets are checked.
struct Meanwhile {
  explicit Meanwhile(boost::asio::io_context& io) : done(io, std::chrono::steady_clock::time_point::max()) {}
  boost::asio::steady_timer done;
  bool has_begun = false;
};

class LiveRewireMeanwhile : public LiveRewireCheck {
 protected:
  /// Begins the rewire to the second service, and does `act` while its target is checked and found up.
  Controlled<ChangeResult> rewire_while(const std::function<void()>& act) {
    auto meanwhile = std::make_shared<Meanwhile>(living_.supervisor().io());
    living_.finds = [meanwhile](const Link& link) -> LiveWiring::Task<Examination> {
      meanwhile->has_begun = true;
      (void)co_await meanwhile->done.async_wait(kAwait);
      co_return one_finding(link, true, "up");
    };
    std::optional<Controlled<ChangeResult>> result;
    auto rewiring = [&]() -> boost::asio::awaitable<void> {
      result.emplace(co_await living_->rewire(to_second()));
    };
    boost::asio::co_spawn(living_.supervisor().io(), rewiring, pass_on);
    EXPECT_TRUE(living_.supervisor().run_until([&] { return meanwhile->has_begun; }));
    living_.finds = {};
    act();
    meanwhile->done.cancel();
    EXPECT_TRUE(living_.supervisor().run_until([&] { return result.has_value(); }));
    living_.supervisor().settle();
    return std::move(*result);
  }
};

TEST_F(LiveRewireMeanwhile, IsTooLateWhereALaterRequestWasCarriedOut) {
  const auto result = rewire_while([&] { ASSERT_TRUE(living_.rewire("a", third_)); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 409);
  EXPECT_EQ(result.error().what, "a later request has rewired a meanwhile");
  EXPECT_TRUE(living_.leads(listen_, third_));
}

TEST_F(LiveRewireMeanwhile, IsMadeAllTheSameWhereALaterDryRunOnlyLooked) {
  RewireRequest look{.link = "a", .upstream = {third_.address().to_string()}, .dry_run = true};
  ASSERT_TRUE(rewire_while([&] { ASSERT_TRUE(living_.rewire(look)); }));
  EXPECT_TRUE(living_.leads(listen_, second_));
}

TEST_F(LiveRewireMeanwhile, IsTooLateWhereTheLinkHasGone) {
  const auto result =
      rewire_while([&] { ASSERT_TRUE(living_.reload(link_text("b", free_address(), first_.address()))); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 404);
}

TEST_F(LiveRewireMeanwhile, IsTooLateWhereTheSourceSaysSomethingElseOfTheLink) {
  const auto result =
      rewire_while([&] { ASSERT_TRUE(living_.reload(link_text("a", listen_, third_.address()))); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "the source of a says something else now");
  EXPECT_TRUE(living_.leads(listen_, third_));
}

TEST_F(LiveRewireMeanwhile, IsMadeWhereAnotherLinkHasComeMeanwhile) {
  const SocketAddress other = free_address();
  ASSERT_TRUE(rewire_while([&] {
    ASSERT_TRUE(
        living_.reload(link_text("a", listen_, first_.address()) + link_text("b", other, third_.address())));
  }));
  EXPECT_TRUE(living_.leads(listen_, second_));
  EXPECT_TRUE(living_.leads(other, third_)) << "it has not been taken away again";
}

}  // namespace
}  // namespace amb
