// SPDX-License-Identifier: Apache-2.0
//
// A replica where the primary is wanted is a standby: it gets no sessions, and nothing is wrong with it.
#include <gtest/gtest.h>

#include "unit/app/running_supervisor.h"
#include "unit/health/verdict_of.h"

namespace amb {
namespace {

using namespace test;
using namespace std::chrono_literals;

const Script kSaysPrimary = answering("\r\n$4\r\n", {"+PONG\r\n", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"});
const Script kSaysReplica =
    answering("\r\n$4\r\n", {"+PONG\r\n", "*3\r\n$5\r\nslave\r\n$8\r\n10.0.0.5\r\n:6379\r\n"});
const Script kSaysLoading = answering("\r\n$4\r\n", {"-LOADING wait\r\n"});

/// The role is asked for every few milliseconds.
Link role_checked(const SocketAddress& upstream, SessionFate on_down, std::uint16_t fall) {
  Link link = link_from(ip("127.0.0.1"), upstream);
  link.options.health.kind = HealthOptions::Kind::redis_primary;
  link.options.health.interval = 10ms;
  link.options.health.rise = 1;
  link.options.health.fall = fall;
  link.options.on_down = on_down;
  return link;
}

class StandbyTest : public testing::Test {
 protected:
  explicit StandbyTest(SessionFate on_down = {}, std::uint16_t fall = 10'000)
      : server_(std::make_unique<ScriptedServer>(servers_, kSaysPrimary)),
        supervisor_({role_checked(server_->address(), on_down, fall)}) {
    EXPECT_TRUE(supervisor_->start());
  }

  /// The record, once the server has been asked often enough.
  boost::json::value said(const std::string& event, std::size_t times = 1) {
    EXPECT_TRUE(supervisor_.run_until([&] {
      servers_.restart();
      servers_.poll();
      return supervisor_.records(event).size() == times;
    })) << event;
    return supervisor_.records(event).back();
  }

  asio::io_context servers_;
  std::unique_ptr<ScriptedServer> server_;
  RunningSupervisor supervisor_;
};

TEST_F(StandbyTest, IsToldByAnEventOfItsOwnAtInfo) {
  server_->change(kSaysReplica);
  const boost::json::value standby = said("endpoint_standby");
  EXPECT_EQ(standby.at("level").as_string(), "info");
  EXPECT_EQ(standby.at("link").as_string(), "link");
  EXPECT_EQ(standby.at("endpoint").as_string(), server_->address().to_string());
  EXPECT_EQ(standby.at("reason").as_string(), "it is a replica of 10.0.0.5:6379");
  EXPECT_TRUE(supervisor_.records("endpoint_down").empty());
  const auto known = supervisor_->endpoints().known(0);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known[0].health, Health::standby);
}

TEST_F(StandbyTest, LeavesALinkWithoutAnEndpointAndSaysWhy) {
  (void)said("endpoint_up");
  server_->change(kSaysReplica);
  EXPECT_EQ(said("link_unavailable").at("reason").as_string(),
            server_->address().to_string() + ": it is a replica of 10.0.0.5:6379");
  EXPECT_EQ(supervisor_->endpoints().standing(0).state, "down");
  server_->change(kSaysPrimary);
  (void)said("link_available");
  (void)said("endpoint_up", 2);
}

class StandbyThatCuts : public StandbyTest {
 protected:
  StandbyThatCuts() : StandbyTest({SessionFate::Kind::cut, {}}) {}
};

TEST_F(StandbyThatCuts, EndsTheSessionsOfAPrimaryThatIsDemoted) {
  (void)said("endpoint_up");
  supervisor_.settle();
  const Connected consumer = connect_to(supervisor_.address());
  send_text(consumer.fd.borrow(), "*1\r\n$4\r\nPING\r\n");
  char answer = 0;
  ASSERT_TRUE(supervisor_.run_until([&] {
    servers_.restart();
    servers_.poll();
    return ::recv(consumer.fd.borrow(), &answer, 1, MSG_DONTWAIT) == 1;
  }));
  server_->change(kSaysReplica);
  EXPECT_EQ(said("session_failed").at("reason").as_string(), "endpoint_down");
}

class StandbyThatDrains : public StandbyTest {
 protected:
  StandbyThatDrains() : StandbyTest({SessionFate::Kind::drain, 300ms}, 1) {}
};

/// If each change began the time anew, it would never be over.
TEST_F(StandbyThatDrains, GivesNoFurtherTimeWhenItGoesDownAndIsAStandbyAgain) {
  (void)said("endpoint_up");
  supervisor_.settle();
  const Connected consumer = connect_to(supervisor_.address());
  EXPECT_TRUE(supervisor_.run_until([&] { return supervisor_->open_sessions() == 1; }));
  bool is_loading = false;
  server_->change([&](Line& line) -> awaitable<void> {
    is_loading = !is_loading;
    co_await (is_loading ? kSaysLoading : kSaysReplica)(line);
  });
  EXPECT_TRUE(supervisor_.run_until([&] {
    servers_.restart();
    servers_.poll();
    return supervisor_->open_sessions() == 0;
  }));
  EXPECT_EQ(said("session_failed").at("reason").as_string(), "endpoint_down");
}

}  // namespace
}  // namespace amb
