// SPDX-License-Identifier: Apache-2.0
#include "admin/numbers.h"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>

#include "unit/admin/asking.h"
#include "unit/admin/fake_control.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;

class NumbersOf : public testing::Test {
 protected:
  std::string ask(milliseconds age) {
    std::optional<std::string> said;
    asio::co_spawn(
        io_, [&]() -> asio::awaitable<void> { said = co_await numbers_.at_most(age); }, asio::detached);
    run_until(io_, [&] { return said.has_value(); });
    return said.value_or("nothing");
  }

  asio::io_context io_;
  FakeControl control_;
  Numbers numbers_{control_};
};

TEST_F(NumbersOf, AskTheWorkersOnceForAllWhoWatch) {
  const std::string first = ask(std::chrono::hours(1));
  EXPECT_EQ(ask(std::chrono::hours(1)), first);
  EXPECT_EQ(control_.told, std::vector<std::string>{"metrics"});
}

TEST_F(NumbersOf, AreNewForAllWhoComeInTheSameMoment) {
  const std::string old = ask(std::chrono::hours(1));
  control_.measured.log_lines_dropped = 7;
  asio::steady_timer answered(io_, asio::steady_timer::time_point::max());
  control_.before_metrics = [&]() -> asio::awaitable<void> {
    (void)co_await answered.async_wait(asio::as_tuple(asio::use_awaitable));
  };
  std::vector<std::string> said;
  for (int i = 0; i < 3; ++i)
    asio::co_spawn(
        io_, [&]() -> asio::awaitable<void> { said.push_back(co_await numbers_.at_most(milliseconds(-1))); },
        asio::detached);
  io_.restart();
  io_.poll();
  EXPECT_TRUE(said.empty()) << "they wait for the one answer";
  answered.cancel();
  run_until(io_, [&] { return said.size() == 3; });
  for (const std::string& one : said) EXPECT_NE(one.find("\"log_lines_dropped\":7"), std::string::npos);
  EXPECT_EQ(control_.told.size(), 2U) << "before, and once for all three";
}

TEST_F(NumbersOf, AskAgainForWhoWantsThemNewer) {
  (void)ask(milliseconds(0));
  (void)ask(milliseconds(-1));
  EXPECT_EQ(control_.told.size(), 2U);
}

TEST_F(NumbersOf, AreEmptyAfterTheEnd) {
  (void)ask(std::chrono::hours(1));
  numbers_.end();
  EXPECT_EQ(ask(std::chrono::hours(1)), "");
}

TEST(NumbersJson, HoldsTheStatusAndWhatIsMeasured) {
  Metrics metrics;
  metrics.status.version = "1.2.3";
  metrics.status.links.push_back({.name = "redis"});
  metrics.links.resize(1);
  metrics.links[0].connect = {.bounds_ms = {1, 5}, .counts = {3, 2, 1}, .sum_ms = 40};
  metrics.links[0].upstream = {.sessions = 2, .rtt_us = 500, .retransmitted = 1};
  metrics.protocols = {{"redis", {.bounds_ms = {1}, .counts = {1, 0}, .sum_ms = 0}}};
  metrics.workers = {{.sessions = 7, .cpu_us = 8, .accept_failures = 9, .limit_pauses = 10}};
  metrics.names = {{"db.example", 1000, true}};
  metrics.process.resident_bytes = 4096;
  const std::string json = numbers_json(metrics, 1700000000123);
  EXPECT_EQ(json.find('\n'), std::string::npos) << "an event of a stream is one line";
  const auto value = boost::json::parse(json);
  EXPECT_EQ(value.at("time_ms"), 1700000000123);
  EXPECT_EQ(value.at("status").at("links").at(0).at("name"), "redis");
  EXPECT_EQ(value.at("links").at(0).at("connect"),
            boost::json::parse(R"({"bounds_ms":[1,5],"counts":[3,2,1],"sum_ms":40})"));
  EXPECT_EQ(value.at("links").at(0).at("upstream"),
            boost::json::parse(R"({"sessions":2,"rtt_us":500,"retransmitted":1})"));
  EXPECT_EQ(value.at("protocols").at(0).at("protocol"), "redis");
  EXPECT_EQ(value.at("workers").at(0).at("sessions"), 7);
  EXPECT_EQ(value.at("names").at(0),
            boost::json::parse(R"({"name":"db.example","age_ms":1000,"is_failing":true})"));
  EXPECT_EQ(value.at("process").at("resident_bytes"), 4096);
}

}  // namespace
}  // namespace amb
