// SPDX-License-Identifier: Apache-2.0
//
// When an endpoint is asked before its interval is over, and which answers need no other to agree.
#include <gtest/gtest.h>

#include "unit/health/monitor.h"

namespace amb {
namespace {

using namespace test;

class Soon : public Monitor {
 protected:
  /// An interval that no test lives to see the end of.
  static HealthOptions rarely(HealthOptions::Kind kind = HealthOptions::Kind::redis) {
    HealthOptions options = often(kind);
    options.interval = std::chrono::hours(1);
    options.fall = 3;
    return options;
  }

  void bring_up(const ScriptedServer& server, const HealthOptions& options) {
    monitor_->watch(0, options, {server.address()});
    run_until(io_, [&] { return health(server.address()) == Health::up && server.present() == 0; });
  }

  /// Longer than until a question that comes soon: for what must not happen.
  void let_a_while_pass() {
    const ScriptedServer clock(io_, kPong);
    HealthOptions options = often();
    options.interval = milliseconds(300);
    monitor_->watch(1, options, {clock.address()});
    let_run(clock, 3);
    monitor_->watch(1, options, {});
  }
};

const Script kPrimary = answering("\r\n$4\r\n", {"+PONG\r\n", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n"});
const Script kStandby = answering(
    "\r\n$4\r\n", {"+PONG\r\n", "*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.5\r\n:6379\r\n$9\r\nconnected\r\n:0\r\n"});

TEST_F(Soon, AnEndpointThatBeginsToFailIsAskedUntilThatIsDecided) {
  ScriptedServer server(io_, kPong);
  bring_up(server, rarely());
  const int before = server.served();
  server.change(kLoading);
  monitor_->ask_soon(0, server.address());
  run_until(io_, [&] { return health(server.address()) == Health::down; });
  EXPECT_EQ(server.served(), before + 3);
  let_a_while_pass();
  EXPECT_EQ(server.served(), before + 3) << "what is down is asked when its interval is over";
}

TEST_F(Soon, OneThatIsWellAgainIsLeftAloneForItsInterval) {
  ScriptedServer server(io_, kPong);
  bring_up(server, rarely());
  const int before = server.served();
  server.change([&](Line& line) -> awaitable<void> {
    server.change(kPong);
    co_await kLoading(line);
  });
  monitor_->ask_soon(0, server.address());
  run_until(io_, [&] { return server.served() == before + 2 && server.present() == 0; });
  let_a_while_pass();
  EXPECT_EQ(server.served(), before + 2);
  EXPECT_EQ(health(server.address()), Health::up);
}

TEST_F(Soon, OneRefusedConnectIsEnough) {
  ScriptedServer server(io_, kPong);
  bring_up(server, rarely());
  const SocketAddress address = server.address();
  server.stop();
  const int questions = draws_;
  monitor_->ask_soon(0, address);
  run_until(io_, [&] { return health(address) == Health::down; });
  EXPECT_EQ(hearer_.told.back().why, "connecting: Connection refused");
  run_until(io_, [&] { return draws_ == questions + 1; });
}

TEST_F(Soon, OneAnswerThatItIsAReplicaIsEnough) {
  ScriptedServer server(io_, kPrimary);
  bring_up(server, rarely(HealthOptions::Kind::redis_primary));
  const int before = server.served();
  server.change(kStandby);
  monitor_->ask_soon(0, server.address());
  run_until(io_, [&] { return health(server.address()) == Health::standby; });
  EXPECT_EQ(server.served(), before + 1);
  EXPECT_EQ(hearer_.told.back().now, Health::standby);
  EXPECT_EQ(hearer_.told.back().why, "it is a replica of 10.0.0.5:6379");
}

TEST_F(Soon, AStandbyThatIsPromotedIsUpAfterItsRise) {
  ScriptedServer server(io_, kStandby);
  HealthOptions options = often(HealthOptions::Kind::redis_primary);
  options.rise = 2;
  monitor_->watch(0, options, {server.address()});
  run_until(io_, [&] { return health(server.address()) == Health::standby && server.present() == 0; });
  int answers = 0;
  server.change([&](Line& line) -> awaitable<void> {
    ++answers;
    co_await kPrimary(line);
  });
  run_until(io_, [&] { return health(server.address()) == Health::up; });
  EXPECT_EQ(answers, 2);
}

TEST_F(Soon, ManySuspicionsAreOneQuestionAndOneMoreForThoseThatCameMeanwhile) {
  ScriptedServer server(io_, kPong);
  bring_up(server, rarely());
  const int before = server.served();
  server.change([&](Line& line) -> awaitable<void> {
    server.change(kPong);
    for (int i = 0; i < 100; ++i) monitor_->ask_soon(0, server.address());
    co_await kPong(line);
  });
  for (int i = 0; i < 100; ++i) monitor_->ask_soon(0, server.address());
  run_until(io_, [&] { return server.served() == before + 2; });
  let_a_while_pass();
  EXPECT_EQ(server.served(), before + 2);
  EXPECT_EQ(server.most_at_once(), 1);
}

TEST_F(Soon, WhatIsDownIsNotAskedBeforeItsTime) {
  ScriptedServer server(io_, kLoading);
  monitor_->watch(0, rarely(), {server.address()});
  run_until(io_, [&] { return health(server.address()) == Health::down && server.present() == 0; });
  const int before = server.served();
  monitor_->ask_soon(0, server.address());
  let_a_while_pass();
  EXPECT_EQ(server.served(), before);
}

TEST_F(Soon, NobodyIsAskedWhoIsNotWatched) {
  const ScriptedServer server(io_, kPong);
  monitor_->ask_soon(0, server.address());
  monitor_->watch(0, rarely(), {});
  monitor_->ask_soon(0, server.address());
  let_a_while_pass();
  EXPECT_EQ(server.served(), 0);
}

}  // namespace
}  // namespace amb
