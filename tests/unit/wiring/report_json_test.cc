// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "unit/wiring/find.h"
#include "wiring/options.h"
#include "wiring/report.h"

namespace amb {
namespace {

boost::json::object report_of(const Findings& findings) {
  return boost::json::parse(report_json(findings)).as_object();
}

TEST(ReportJson, TellsEveryLinkWithAllThatHoldsForIt) {
  WiringInput input =
      test::with_variables({{"REDIS_NAME", "/me/redis"}, {"REDIS_PORT_6379_TCP", "10.0.0.1?dead_peer=5"}});
  input.hosts_text = "10.0.0.1 redis\n";
  const auto report = report_of(find_wiring(input));
  EXPECT_TRUE(report.at("ok").as_bool());
  const auto& link = report.at("links").at(0);
  EXPECT_EQ(link.at("name"), "redis");
  EXPECT_EQ(link.at("listen").at(0), "[::]:6379");
  EXPECT_EQ(link.at("targets").at(0).at("url"), "tcp://redis:6379");
  EXPECT_EQ(link.at("targets").at(0).at("name"), "redis");
  EXPECT_EQ(link.at("targets").at(0).at("fallback"), "10.0.0.1:6379");
  EXPECT_EQ(link.at("options").at("dead_peer").at("value"), "5s");
  EXPECT_EQ(link.at("options").at("dead_peer").at("from"), "variable REDIS_PORT_6379_TCP");
  EXPECT_EQ(link.at("options").at("connect_timeout").at("value"), "1s");
  EXPECT_EQ(link.at("options").at("connect_timeout").at("from"), "default");
  EXPECT_EQ(link.at("from").at(0), "variable REDIS_PORT_6379_TCP");
}

TEST(ReportJson, TellsEveryOptionWithItsOrigin) {
  const auto report = report_of(test::find(
      {{"A_PORT_80_TCP", "unix:///a?listen=unix:///b&unavailable=refuse&health_timeout=1s&policy=first"}}));
  const auto& link = report.at("links").at(0);
  const auto& options = link.at("options").as_object();
  EXPECT_EQ(options.size() + 1, option_table().size()) << "where it listens is told beside them";
  EXPECT_EQ(options.at("health").at("value"), "tcp");
  EXPECT_EQ(options.at("health").at("from"), "implied by unavailable=refuse");
  EXPECT_EQ(options.at("policy").at("from"), "variable A_PORT_80_TCP") << "though it is the default";
  EXPECT_EQ(options.at("health_database").at("value"), "");
  EXPECT_EQ(link.at("listen").at(0), "unix:///b");
  EXPECT_EQ(link.at("targets").at(0).at("address"), "unix:///a");
}

TEST(ReportJson, MasksPasswords) {
  const auto good = report_json(test::find({{"A_PORT_80_TCP", "a?health=redis&health_password=hunter2"}}));
  EXPECT_NE(good.find(R"("health_password":{"value":"***","from":"variable A_PORT_80_TCP"})"),
            std::string::npos)
      << good;
  EXPECT_EQ(good.find("hunter2"), std::string::npos);
  const auto bad = report_json(test::find({{"A_PORT_0_TCP", "a?health_password=hunter2"}}));
  EXPECT_EQ(bad.find("hunter2"), std::string::npos) << bad;
}

TEST(ReportJson, EscapesANameOnce) {
  const auto report = report_of(test::find({{"A\n_PORT_80_TCP", "a"}}));
  EXPECT_EQ(report.at("links").at(0).at("name"), "a\\n");
  EXPECT_EQ(report.at("candidates").at(0).at("link"), "a\\n");
}

TEST(ReportJson, TellsEveryProblemAndThenNoLinks) {
  const auto report = report_of(test::find({{"A_PORT_80_TCP", "a"}, {"B_PORT_0_TCP", "b\n\xff"}}));
  EXPECT_FALSE(report.at("ok").as_bool());
  EXPECT_TRUE(report.at("links").as_array().empty());
  EXPECT_EQ(report.at("candidates").as_array().size(), 2U);
  const auto& problem = report.at("problems").at(0);
  EXPECT_EQ(problem.at("from"), "variable B_PORT_0_TCP");
  EXPECT_EQ(problem.at("value"), "b\\n\\xff");
  EXPECT_EQ(problem.at("problem"), "port 0 is out of range in the name");
  EXPECT_EQ(problem.at("accepted"), "a port from 1 to 65535");
}

TEST(ReportJson, TellsTheFateOfEveryCandidate) {
  const auto report =
      report_of(test::find({{"A_PORT_80_TCP", "a"}, {"B_PORT_80_TCP", "a"}, {"C_PORT_80_UDP", "c"}}));
  const auto& candidates = report.at("candidates").as_array();
  ASSERT_EQ(candidates.size(), 3U);
  EXPECT_EQ(candidates[0].at("fate"), "link");
  EXPECT_EQ(candidates[1].at("fate"), "merged");
  EXPECT_EQ(candidates[1].at("link"), "a");
  EXPECT_EQ(candidates[2].at("fate"), "ignored");
  EXPECT_EQ(candidates[2].at("why"), "not yet: UDP");
  EXPECT_EQ(report.at("notes").as_array().size(), 1U);
}

TEST(ReportJson, IsOneLine) {
  EXPECT_EQ(report_json(test::find({})).find('\n'), report_json(test::find({})).size() - 1);
}

}  // namespace
}  // namespace amb
