// SPDX-License-Identifier: Apache-2.0
//
// A reload takes the whole of what the sources say, or nothing.
#include "app/live_wiring.h"

#include <gtest/gtest.h>

#include <memory>

#include "unit/app/living.h"
#include "unit/discovery/temporary_folder.h"

namespace amb {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

class LiveWiringTest : public testing::Test {
 protected:
  std::string leading_to(const Service& service) const { return link_text("a", listen_, service.address()); }

  /// How many listeners were told of until the wiring was of this generation.
  std::size_t opened_until(std::int64_t generation) {
    RunningSupervisor& supervisor = living_.supervisor();
    EXPECT_TRUE(supervisor.run_until([&] {
      const auto changes = supervisor.records("wiring_changed");
      return !changes.empty() && changes.back().at("generation").as_int64() == generation;
    }));
    return supervisor.records("listening").size();
  }

  Service first_, second_;
  SocketAddress listen_ = free_address(), other_ = free_address();
  Living living_{leading_to(first_)};
};

TEST_F(LiveWiringTest, TheSameAgainIsNoChange) {
  const auto result = living_.reload(leading_to(first_) + "# with a remark\n");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->was_applied);
  EXPECT_EQ(living_->generation(), 1U);
  EXPECT_TRUE(living_.supervisor().records("wiring_changed").empty());
}

TEST_F(LiveWiringTest, LeadsWhereTheFileSaysNowAndLetsSessionsGoOn) {
  const TcpPair session = living_.opens_session(listen_, first_);
  const auto result = living_.reload(leading_to(second_));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->was_applied);
  EXPECT_EQ(result->generation, 2U);
  EXPECT_EQ(steps_of(*result), Texts{"change a"});
  EXPECT_TRUE(living_.leads(listen_, second_));
  EXPECT_TRUE(is_alive(session));
  const auto record = living_.supervisor().record("wiring_changed");
  EXPECT_EQ(record.at("cause").as_string(), "file");
  EXPECT_EQ(record.at("generation").as_int64(), 2);
}

TEST_F(LiveWiringTest, ASessionElsewhereIsCutWhereItsLinkSaysSo) {
  const TcpPair session = living_.opens_session(listen_, first_);
  ASSERT_TRUE(living_.reload(leading_to(second_) + "on_rewire = 'cut'\n"));
  EXPECT_TRUE(was_reset(session));
  EXPECT_TRUE(living_.leads(listen_, second_));
}

TEST_F(LiveWiringTest, ALinkComesAndGoes) {
  const TcpPair session = living_.opens_session(listen_, first_);
  ASSERT_TRUE(living_.reload(leading_to(first_) + link_text("b", other_, second_.address())));
  EXPECT_TRUE(living_.leads(other_, second_));
  ASSERT_TRUE(living_.reload(link_text("b", other_, second_.address())));
  EXPECT_EQ(connect_to(listen_).error, ECONNREFUSED);
  EXPECT_TRUE(is_alive(session)) << "on_rewire=keep";
  EXPECT_TRUE(living_.leads(other_, second_));
  EXPECT_EQ(living_.supervisor().links().live().size(), 1U);
}

TEST_F(LiveWiringTest, TheNumberOfALinkThatWentIsFreeOnceItsSessionsHaveEnded) {
  LinkTable& links = living_.supervisor().links();
  auto session = std::make_unique<TcpPair>(living_.opens_session(listen_, first_));
  ASSERT_TRUE(living_.reload(link_text("b", other_, second_.address())));
  EXPECT_FALSE(living_.supervisor().poll_and([&] { return !links.is_known(0); }));
  session.reset();
  EXPECT_TRUE(living_.supervisor().run_until([&] { return !links.is_known(0); }));
  ASSERT_TRUE(living_.reload(leading_to(first_) + link_text("b", other_, second_.address())));
  EXPECT_EQ(links.find("a"), 0U);
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveWiringTest, ALinkThatWentTakesItsSessionsWithItWhereItSaysSo) {
  ASSERT_TRUE(living_.reload(leading_to(first_) + "on_rewire = 'cut'\n" +
                             link_text("b", other_, second_.address(), "on_rewire = 'drain=20ms'\n")));
  const TcpPair cut = living_.opens_session(listen_, first_);
  const TcpPair drained = living_.opens_session(other_, second_);
  ASSERT_TRUE(living_.reload(link_text("c", free_address(), second_.address())));
  EXPECT_TRUE(was_reset(cut));
  EXPECT_TRUE(living_.supervisor().run_until(
      [&] { return living_.supervisor().records("session_failed").size() == 2; }));
  EXPECT_TRUE(was_reset(drained));
}

TEST_F(LiveWiringTest, TwoLinksMaySwapTheirAddressesInOneGo) {
  ASSERT_TRUE(living_.reload(leading_to(first_) + link_text("b", other_, second_.address())));
  const auto result =
      living_.reload(link_text("a", other_, first_.address()) + link_text("b", listen_, second_.address()));
  ASSERT_TRUE(result);
  EXPECT_EQ(steps_of(*result), (Texts{"change a", "change b"}));
  EXPECT_TRUE(living_.leads(other_, first_));
  EXPECT_TRUE(living_.leads(listen_, second_));
  EXPECT_EQ(opened_until(3), 2U) << "nothing was opened anew";
}

TEST_F(LiveWiringTest, AnAddressMayGrowToAllAddressesAndBack) {
  const SocketAddress all = ip("0.0.0.0", listen_.port());
  const TcpPair session = living_.opens_session(listen_, first_);
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(living_.reload(link_text("a", all, second_.address())));
    EXPECT_TRUE(living_.leads(listen_, second_));
    ASSERT_TRUE(living_.reload(leading_to(first_)));
    EXPECT_TRUE(living_.leads(listen_, first_));
  }
  EXPECT_TRUE(is_alive(session));
}

TEST_F(LiveWiringTest, ALinkThatHasOnlyAnotherNameKeepsItsNumberAndItsListener) {
  const auto result = living_.reload(link_text("z", listen_, first_.address()));
  ASSERT_TRUE(result);
  EXPECT_EQ(living_.supervisor().links().find("z"), 0U);
  EXPECT_EQ(opened_until(2), 1U);
  EXPECT_TRUE(living_.leads(listen_, first_));
}

TEST_F(LiveWiringTest, ChangesAllPlacesOfOneLinkAtOnce) {
  const TemporaryFolder folder;
  const SocketAddress path = *SocketAddress::from_path(folder / "x.sock");
  ASSERT_TRUE(living_.reload(link_text("a", path, second_.address())));
  EXPECT_EQ(connect_to(listen_).error, ECONNREFUSED);
  EXPECT_TRUE(living_.leads(path, second_));
  ASSERT_TRUE(living_.reload(leading_to(first_)));
  EXPECT_FALSE(std::filesystem::exists(path.path())) << "nobody listens there any more";
}

TEST_F(LiveWiringTest, HoldsAsManySessionsAsTheNewWiringLeavesRoomFor) {
  living_.most_sessions = 7;
  ASSERT_TRUE(living_.reload(leading_to(second_)));
  EXPECT_EQ(living_.supervisor()->budget().most(), 7U);
}

TEST_F(LiveWiringTest, ALimitThatIsLiftedHoldsUntilTheWorkersKnow) {
  ASSERT_TRUE(living_.reload(leading_to(first_) + "endpoint_sessions = 5\n"));
  EndpointKeeper& endpoints = living_.supervisor()->endpoints();
  const SessionBudget* budget = endpoints.route(0).endpoints.at(0).budget;
  ASSERT_NE(budget, nullptr);
  ASSERT_TRUE(living_.reload(leading_to(first_) + "endpoint_sessions = 3\n"));
  EXPECT_EQ(budget->most(), 3U);
  ASSERT_TRUE(living_.reload(leading_to(first_)));
  EXPECT_EQ(endpoints.route(0).endpoints.at(0).budget, nullptr);
  EXPECT_EQ(budget->most(), 3U) << "with 0 a session would be reset that comes before they do";
}

}  // namespace
}  // namespace amb
