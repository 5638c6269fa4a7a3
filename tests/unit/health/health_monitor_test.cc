// SPDX-License-Identifier: Apache-2.0
#include "health/health_monitor.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "unit/health/monitor.h"

namespace amb {
namespace {

using namespace test;

TEST_F(Monitor, KnowsNothingBeforeTheFirstAnswer) {
  const ScriptedServer server(io_, kPong);
  EXPECT_EQ(health(server.address()), Health::unknown);
  monitor_->watch(0, often(), {server.address()});
  EXPECT_EQ(health(server.address()), Health::unknown);
  EXPECT_TRUE(hearer_.told.empty());
}

TEST_F(Monitor, TellsWhatTheFirstAnswerSaysAtOnce) {
  const ScriptedServer server(io_, kPong);
  const SocketAddress missing = nobody();
  HealthOptions options = often(HealthOptions::Kind::redis);
  options.interval = std::chrono::hours(1);
  options.rise = options.fall = 9;
  monitor_->watch(7, options, {server.address(), missing});
  run_until(io_, [&] { return hearer_.told.size() == 2; });
  EXPECT_EQ(health(server.address(), 7), Health::up);
  EXPECT_EQ(health(missing, 7), Health::down);
  const bool first_is_up = hearer_.told.front().now == Health::up;
  const auto& up = hearer_.told.at(first_is_up ? 0 : 1);
  const auto& down = hearer_.told.at(first_is_up ? 1 : 0);
  EXPECT_EQ(up.why, "PONG");
  EXPECT_EQ(up.link, 7U);
  EXPECT_EQ(up.endpoint, server.address());
  EXPECT_EQ(down.why, "connecting: Connection refused");
}

TEST_F(Monitor, CountsRiseAndFall) {
  ScriptedServer server(io_, kPong);
  HealthOptions options = often(HealthOptions::Kind::redis);
  options.rise = 2;
  options.fall = 3;
  monitor_->watch(0, options, {server.address()});
  run_until(io_, [&] { return health(server.address()) == Health::up; });

  int failures = 0;
  server.change([&](Line& line) -> awaitable<void> {
    ++failures;
    co_await kLoading(line);
  });
  run_until(io_, [&] { return health(server.address()) == Health::down; });
  EXPECT_EQ(failures, 3);
  EXPECT_EQ(hearer_.told.back().why, "PING is answered by: LOADING wait");

  int answers = 0;
  server.change([&](Line& line) -> awaitable<void> {
    ++answers;
    co_await kPong(line);
  });
  run_until(io_, [&] { return health(server.address()) == Health::up; });
  EXPECT_EQ(answers, 2);
  EXPECT_EQ(hearer_.told.size(), 3U);
}

TEST_F(Monitor, TellsOnlyWhatChanges) {
  const ScriptedServer server(io_, kPong);
  monitor_->watch(0, often(HealthOptions::Kind::redis), {server.address()});
  let_run(server, 20);
  EXPECT_EQ(hearer_.told.size(), 1U);
}

TEST_F(Monitor, PutsOneQuestionAtATimeHoweverLongTheAnswerTakes) {
  const ScriptedServer server(io_, silent);
  HealthOptions options = often(HealthOptions::Kind::redis);
  options.timeout = milliseconds(10);
  monitor_->watch(0, options, {server.address()});
  let_run(server, 5);
  EXPECT_EQ(server.most_at_once(), 1);
  EXPECT_EQ(health(server.address()), Health::down);
}

TEST_F(Monitor, WatchesTheSameEndpointForSeveralLinks) {
  const ScriptedServer server(io_, kPong);
  monitor_->watch(0, often(HealthOptions::Kind::redis), {server.address()});
  monitor_->watch(1, often(HealthOptions::Kind::redis_primary), {server.address()});
  run_until(io_, [&] { return health(server.address(), 0) == Health::up; });
  EXPECT_NE(health(server.address(), 1), Health::up) << "it never says its role";
}

TEST_F(Monitor, AsksNothingWhereNothingIsToBeAsked) {
  const ScriptedServer asked(io_, silent), spared(io_, silent);
  monitor_->watch(0, HealthOptions{}, {spared.address()});
  monitor_->watch(1, often(), {asked.address()});
  let_run(asked, 5);
  EXPECT_EQ(spared.served(), 0);
  EXPECT_EQ(health(spared.address()), Health::unknown);
}

TEST_F(Monitor, KeepsTheHealthOfThoseThatStayAndForgetsThoseThatGo) {
  const ScriptedServer stays(io_, kPong), goes(io_, kPong), comes(io_, kPong);
  const HealthOptions options = often(HealthOptions::Kind::redis);
  monitor_->watch(0, options, {stays.address(), goes.address()});
  run_until(io_, [&] { return hearer_.told.size() == 2; });

  monitor_->watch(0, options, {comes.address(), stays.address(), comes.address()});
  EXPECT_EQ(health(stays.address()), Health::up);
  EXPECT_EQ(health(goes.address()), Health::unknown);
  EXPECT_EQ(health(comes.address()), Health::unknown);
  run_until(io_, [&] { return health(comes.address()) == Health::up; });
  const int before = goes.served();
  let_run(stays, 5);
  EXPECT_LE(goes.served(), before + 1) << "one may have been on its way";
  EXPECT_EQ(hearer_.told.size(), 3U);
}

TEST_F(Monitor, EndsAQuestionUnderWaySilentlyWhenItsEndpointGoes) {
  const ScriptedServer server(io_, silent), other(io_, kPong);
  const HealthOptions options = often(HealthOptions::Kind::redis);
  monitor_->watch(0, options, {server.address()});
  run_until(io_, [&] { return server.present() == 1; });
  monitor_->watch(0, options, {other.address()});
  run_until(io_, [&] { return server.present() == 0; });
  let_run(other, 3);
  EXPECT_EQ(server.served(), 1);
  ASSERT_EQ(hearer_.told.size(), 1U);
  EXPECT_EQ(hearer_.told.front().endpoint, other.address());
}

TEST_F(Monitor, AsksAnewAnEndpointThatCameBack) {
  const ScriptedServer server(io_, kPong);
  const HealthOptions options = often(HealthOptions::Kind::redis);
  for (int i = 0; i < 3; ++i) {
    monitor_->watch(0, options, {server.address()});
    EXPECT_EQ(health(server.address()), Health::unknown);
    run_until(io_, [&] { return health(server.address()) == Health::up; });
    monitor_->watch(0, options, {});
  }
  EXPECT_EQ(hearer_.told.size(), 3U);
}

TEST_F(Monitor, TakesOtherOptionsAtOnceAndKeepsTheHealth) {
  const ScriptedServer server(io_, kPong);
  HealthOptions options = often(HealthOptions::Kind::redis);
  options.interval = std::chrono::hours(1);
  monitor_->watch(0, options, {server.address()});
  run_until(io_, [&] { return health(server.address()) == Health::up; });
  monitor_->watch(0, options, {server.address()});  // the same, so nothing happens before the hour is over
  monitor_->watch(0, often(HealthOptions::Kind::http), {server.address()});
  EXPECT_EQ(health(server.address()), Health::up);
  let_run(server, 1);
}

TEST_F(Monitor, SaysNothingAfterItsEnd) {
  const ScriptedServer server(io_, silent), quick(io_, kPong);
  monitor_->watch(0, often(HealthOptions::Kind::redis), {server.address(), quick.address()});
  run_until(io_, [&] { return server.present() == 1 && hearer_.told.size() == 1; });
  monitor_.reset();
  run_until(io_, [&] { return server.present() == 0; });
  io_.poll();
  EXPECT_EQ(hearer_.told.size(), 1U);
}

TEST_F(Monitor, MayEndInsideItsOwnCallback) {
  const ScriptedServer server(io_, kPong);
  hearer_.then = [&] { monitor_.reset(); };
  monitor_->watch(0, often(HealthOptions::Kind::redis), {server.address()});
  run_until(io_, [&] { return monitor_ == nullptr; });
  io_.poll();
  EXPECT_EQ(hearer_.told.size(), 1U);
}

TEST_F(Monitor, MayBeGivenAnotherSetInsideItsOwnCallback) {
  const ScriptedServer first(io_, kPong), second(io_, kPong);
  const HealthOptions options = often(HealthOptions::Kind::redis);
  hearer_.then = [&] { monitor_->watch(0, options, {second.address()}); };
  monitor_->watch(0, options, {first.address()});
  run_until(io_, [&] { return health(second.address()) == Health::up; });
  EXPECT_EQ(health(first.address()), Health::unknown);
}

TEST(MonitorAlone, LeavesNothingToWaitForAfterItsEnd) {
  asio::io_context io;
  Hearer hearer;
  {
    HealthMonitor monitor(io, hearer);
    HealthOptions options = options_for(HealthOptions::Kind::tcp);
    options.interval = std::chrono::hours(1);
    monitor.watch(0, options, {ip("127.0.0.1", 1)});
    run_until(io, [&] { return !hearer.told.empty(); });
  }
  io.restart();
  io.run();  // ends, although the next question was an hour away
}

TEST_F(Monitor, DoesNotTakeAnEndpointDownForOurOwnWantOfDescriptors) {
  const ScriptedServer server(io_, kPong);
  monitor_->watch(0, often(HealthOptions::Kind::redis), {server.address()});
  run_until(io_, [&] { return health(server.address()) == Health::up; });
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit none{4, before.rlim_max};  // fewer than are open
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const int questions = draws_ + 5;
  run_until(io_, [&] { return draws_ >= questions; });
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(hearer_.told.size(), 1U);
  let_run(server, 2);
  EXPECT_EQ(health(server.address()), Health::up);
}

TEST(MonitorJitter, MakesPausesLongerAndShorter) {
  // A draw of 0 is the shortest pause: with a jitter of 100 % there is none, and the hour is over at once.
  asio::io_context io;
  Hearer hearer;
  const ScriptedServer server(io, kPong);
  HealthMonitor monitor(io, hearer, [] { return 0.0; });
  HealthOptions options = options_for(HealthOptions::Kind::redis);
  options.interval = std::chrono::hours(1);
  options.jitter_percent = 100;
  monitor.watch(0, options, {server.address()});
  run_until(io, [&] { return server.served() == 3; });
}

TEST(MonitorJitter, IsDrawnFromZeroUpToOne) {
  const auto draw = HealthMonitor::random_draw();
  double least = 1, most = 0;
  for (int i = 0; i < 10000; ++i) {
    const double drawn = draw();
    least = std::min(least, drawn);
    most = std::max(most, drawn);
    ASSERT_GE(drawn, 0);
    ASSERT_LT(drawn, 1);
  }
  EXPECT_LT(least, 0.1);
  EXPECT_GT(most, 0.9);
}

}  // namespace
}  // namespace amb
