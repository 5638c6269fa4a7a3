// SPDX-License-Identifier: Apache-2.0
#include "app/control_desk.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "app/version.h"
#include "unit/app/living.h"

namespace amb {
namespace {

using namespace test;

class ControlDeskTest : public testing::Test {
 protected:
  /// What a question comes to that workers have to be asked for.
  template <class T>
  T ask(Control::Task<T> task) {
    std::optional<T> answer;
    boost::asio::co_spawn(
        living_.supervisor().io(),
        [](Control::Task<T> asked, std::optional<T>& into) -> Control::Task<void> {
          into.emplace(co_await std::move(asked));
        }(std::move(task), answer),
        boost::asio::detached);
    EXPECT_TRUE(living_.supervisor().run_until([&] { return answer.has_value(); }));
    return std::move(answer).value();
  }
  SessionList sessions(SessionQuery query = {}) { return ask(desk_.sessions(std::move(query))).value(); }
  std::string with_health(const std::string& name, const SocketAddress& listen,
                          const SocketAddress& upstream) {
    return link_text(name, listen, upstream,
                     "health = 'tcp'\nhealth_interval = '20ms'\nhealth_fall = 1\nhealth_rise = 1\n");
  }

  Service first_, second_;
  SocketAddress a_ = free_address(), b_ = free_address();
  Living living_{link_text("a", a_, first_.address()) + link_text("b", b_, second_.address())};
  EventHub events_{living_.supervisor().log(), living_.supervisor().links()};
  ControlDesk desk_{{living_.supervisor().io(), living_.supervisor().links(),
                     *living_.supervisor().operator->(), living_.wiring(), events_}};
};

TEST_F(ControlDeskTest, SaysHowTheProgramIs) {
  desk_.set_config("/etc/links.toml");
  const TcpPair session = living_.opens_session(a_, first_);
  const ProgramStatus status = ask(desk_.status());
  EXPECT_EQ(status.version, kVersion);
  EXPECT_EQ(status.pid, ::getpid());
  EXPECT_EQ(status.state, "ready");
  EXPECT_EQ(status.workers, 2U);
  EXPECT_EQ(status.sessions, 1U);
  EXPECT_EQ(status.most_sessions, 100U);
  EXPECT_EQ(status.generation, 1U);
  EXPECT_EQ(status.config, "/etc/links.toml");
  EXPECT_EQ(status.links.size(), 2U);
  desk_.set_stopping();
  EXPECT_EQ(ask(desk_.status()).state, "stopping");
}

TEST_F(ControlDeskTest, AddsUpWhatItsWorkersSayOfALink) {
  constexpr std::size_t kSessions = 8;  // enough for both workers
  std::vector<TcpPair> open;
  for (std::size_t i = 0; i < kSessions; ++i) open.push_back(living_.opens_session(a_, first_));
  open.pop_back();
  EXPECT_TRUE(
      living_.supervisor().run_until([&] { return living_.supervisor()->open_sessions() == kSessions - 1; }));
  const LinkStatus link = ask(desk_.status()).links.at(0);
  EXPECT_EQ(link.name, "a");
  EXPECT_EQ(link.state, "up");
  EXPECT_EQ(link.listen, std::vector<std::string>{a_.to_string()});
  EXPECT_EQ(link.from, std::vector<std::string>{"links.toml:1:8"});
  EXPECT_EQ(link.sessions, kSessions - 1);
  EXPECT_EQ(link.opened, kSessions);
  EXPECT_EQ(link.bytes_to_downstream, 5 * kSessions) << "each was told hello";
  ASSERT_EQ(link.closed.size(), 1U);
  EXPECT_EQ(link.closed[0].second, 1U);
  ASSERT_EQ(link.endpoints.size(), 1U);
  EXPECT_EQ(link.endpoints[0].address, first_.address().to_string());
  EXPECT_EQ(link.endpoints[0].health, "unchecked");
  EXPECT_EQ(link.endpoints[0].sessions, kSessions - 1);
}

TEST_F(ControlDeskTest, SaysWhereARewiredLinkShouldLead) {
  EXPECT_TRUE(ask(desk_.status()).links.at(0).declared.empty());
  ASSERT_TRUE(desk_.rewire({.link = "a", .upstream = {second_.address().to_string()}}));
  const LinkStatus link = ask(desk_.status()).links.at(0);
  EXPECT_EQ(link.upstream, std::vector<std::string>{"tcp://" + second_.address().to_string()});
  EXPECT_EQ(link.declared, std::vector<std::string>{"tcp://" + first_.address().to_string()});
}

TEST_F(ControlDeskTest, ListsTheOldestSessionsFirstAndSaysHowManyItLeftOut) {
  std::vector<TcpPair> open;
  for (int i = 0; i < 6; ++i) open.push_back(living_.opens_session(a_, first_));
  const SessionList all = sessions();
  ASSERT_EQ(all.sessions.size(), 6U);
  for (std::size_t i = 1; i < all.sessions.size(); ++i)
    EXPECT_GE(all.sessions[i - 1].age_ms, all.sessions[i].age_ms);
  EXPECT_EQ(all.left_out, 0U);
  const SessionList some = sessions({.most = 2});
  ASSERT_EQ(some.sessions.size(), 2U);
  EXPECT_GE(some.sessions[0].age_ms, some.sessions[1].age_ms);
  EXPECT_EQ(some.left_out, 4U);
}

TEST_F(ControlDeskTest, SaysOfASessionWhoItIsOf) {
  const TcpPair session = living_.opens_session(b_, second_);
  const SessionList list = sessions();
  ASSERT_EQ(list.sessions.size(), 1U);
  EXPECT_EQ(list.sessions[0].link, "b");
  EXPECT_EQ(list.sessions[0].downstream, local_address(session.near.borrow()).to_string());
  EXPECT_EQ(list.sessions[0].upstream, second_.address().to_string());
  EXPECT_EQ(list.sessions[0].state, "relaying");
  EXPECT_EQ(list.sessions[0].bytes_to_downstream, 5U);
  ASSERT_EQ(shutdown_write(session.near.borrow()), 0);
  EXPECT_TRUE(eventually([&] { return sessions().sessions.at(0).state == "half_closed"; }));
}

TEST_F(ControlDeskTest, ListsTheSessionsOfOneLink) {
  const TcpPair at_a = living_.opens_session(a_, first_), at_b = living_.opens_session(b_, second_);
  const SessionList list = sessions({.link = "b"});
  ASSERT_EQ(list.sessions.size(), 1U);
  EXPECT_EQ(list.sessions[0].link, "b");
  EXPECT_EQ(ask(desk_.sessions({.link = "c"})).error().status, 404);
}

TEST_F(ControlDeskTest, ListsTheSessionsOfALinkThatHasLeftTheWiring) {
  const TcpPair session = living_.opens_session(a_, first_);
  ASSERT_TRUE(living_.reload(link_text("b", b_, second_.address())));
  ASSERT_EQ(sessions().sessions.size(), 1U);
  EXPECT_EQ(sessions().sessions[0].link, "a");
}

TEST_F(ControlDeskTest, ClosesTheSessionOfAnId) {
  const TcpPair closed = living_.opens_session(a_, first_), kept = living_.opens_session(b_, second_);
  ASSERT_TRUE(ask(desk_.close_session(sessions({.link = "a"}).sessions.at(0).id)));
  EXPECT_TRUE(was_reset(closed));
  EXPECT_TRUE(is_alive(kept));
}

TEST_F(ControlDeskTest, SaysThatThereIsNoSessionOfAnId) {
  for (const char* id : {"", "-", "0", "0-", "-1", "0-1", "7-1", "0-1-1", "x-1", "0-99999999999", " 0-1"})
    EXPECT_EQ(ask(desk_.close_session(id)).error().status, 404) << id;
}

TEST_F(ControlDeskTest, SaysWhatWentWrongWithALinkOfLate) {
  const SocketAddress nobody = free_address();
  ASSERT_TRUE(living_.reload(link_text("a", a_, nobody)));
  const Connected consumer = connect_to(a_);
  EXPECT_TRUE(living_.supervisor().run_until([&] { return !events_.failures("a").empty(); }));
  const WhyAnswer why = ask(desk_.why("a")).value();
  EXPECT_EQ(why.opened, 1U);
  ASSERT_EQ(why.failures.size(), 1U);
  EXPECT_EQ(why.failures[0].reason, "connect_refused");
  EXPECT_EQ(why.failures[0].where, nobody.to_string());
  ASSERT_EQ(why.closed.size(), 1U);
  EXPECT_EQ(why.closed[0].first, "connect_refused");
  EXPECT_EQ(ask(desk_.why("c")).error().status, 404);
}

TEST_F(ControlDeskTest, IsReadyWhileEveryLinkHasAnEndpointThatIsUp) {
  EXPECT_TRUE(desk_.readiness("")->is_ready);
  ASSERT_TRUE(living_.reload(link_text("a", a_, first_.address()) + with_health("b", b_, free_address())));
  EXPECT_TRUE(living_.supervisor().run_until([&] { return desk_.readiness("")->state == "no endpoint"; }));
  EXPECT_EQ(desk_.readiness("")->waits, std::vector<std::string>{"b"});
  EXPECT_TRUE(desk_.readiness("a")->is_ready);
  EXPECT_FALSE(desk_.readiness("b")->is_ready);
  EXPECT_EQ(desk_.readiness("c").error().status, 404);
}

TEST_F(ControlDeskTest, IsNotReadyBeforeTheFirstChecksHaveAnswered) {
  ASSERT_TRUE(living_.reload(with_health("a", a_, first_.address())));
  EXPECT_EQ(desk_.readiness("")->state, "settling");
  EXPECT_TRUE(living_.supervisor().run_until([&] { return desk_.readiness("")->is_ready; }));
}

TEST_F(ControlDeskTest, IsReadyWithALinkThatIsDrainedUnlessThatOneIsMeant) {
  ASSERT_TRUE(desk_.drain("a"));
  EXPECT_TRUE(desk_.readiness("")->is_ready);
  EXPECT_FALSE(desk_.readiness("a")->is_ready);
  EXPECT_EQ(ask(desk_.status()).links.at(0).state, "drained");
  ASSERT_TRUE(desk_.resume("a"));
  EXPECT_TRUE(desk_.readiness("a")->is_ready);
}

TEST_F(ControlDeskTest, IsNotReadyWhenItStops) {
  desk_.set_stopping();
  EXPECT_FALSE(desk_.readiness("")->is_ready);
  EXPECT_EQ(desk_.readiness("")->state, "stopping");
}

TEST_F(ControlDeskTest, SaysTheWiringInForceWithoutPasswords) {
  ASSERT_TRUE(desk_.rewire(
      {.link = "a", .upstream = {second_.address().to_string() + "?health=redis&health_password=hunter2"}}));
  const std::string json = desk_.wiring_json();
  EXPECT_NE(json.find(second_.address().to_string()), std::string::npos);
  EXPECT_EQ(json.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace amb
