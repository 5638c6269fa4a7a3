// SPDX-License-Identifier: Apache-2.0
#include "app/commands.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "app/version.h"
#include "unit/support/redirected.h"
#include "wiring/report.h"

namespace amb {
namespace {

using test::Captured;

Findings good() { return find_wiring({.arguments = {"REDIS_PORT_6379_TCP=tcp://192.168.1.52:6379"}}); }
Findings bad() {
  return find_wiring({.arguments = {"REDIS_PORT_99999_TCP=tcp://a:1", "B_PORT_80_TCP=tcp://\n\x1b[2J"}});
}

TEST(Check, PrintsTheReportForPeople) {
  const Captured out(STDOUT_FILENO);
  EXPECT_EQ(check({.command = CommandLine::Command::check}, {}, good()), 0);
  EXPECT_EQ(out.text(), report_text(good(), false));
}

TEST(Check, PrintsTheReportForMachines) {
  const Captured out(STDOUT_FILENO);
  EXPECT_EQ(check({.command = CommandLine::Command::check, .json = true}, {}, good()), 0);
  EXPECT_EQ(out.text(), report_json(good()));
}

TEST(Check, PrintsEveryOptionIfAsked) {
  const Captured out(STDOUT_FILENO);
  EXPECT_EQ(check({.command = CommandLine::Command::check, .all = true}, {}, good()), 0);
  EXPECT_EQ(out.text(), report_text(good(), false, Detail::all_options));
  EXPECT_NE(out.text().find("abort_flush=5s (default)"), std::string::npos);
}

TEST(Check, EndsWith64WhenSomethingIsWrong) {
  const Captured out(STDOUT_FILENO);
  EXPECT_EQ(check({.command = CommandLine::Command::check}, {}, bad()), 64);
}

TEST(Version, NamesVersionCommitAndDataPaths) {
  const Captured out(STDOUT_FILENO);
  EXPECT_EQ(version({}), 0);
  EXPECT_EQ(out.text(), std::string("ambassador ") + kVersion + " (commit " + kCommit +
                            ")\ndata paths: copy and splice\n");
}

TEST(Version, IsOneObjectForMachines) {
  const Captured out(STDOUT_FILENO);
  EXPECT_EQ(version({.json = true}), 0);
  const auto value = boost::json::parse(out.text());
  EXPECT_EQ(value.at("version").as_string(), kVersion);
  EXPECT_EQ(value.at("commit").as_string(), kCommit);
  EXPECT_EQ(value.at("data_paths").as_array().size(), 2U);
}

TEST(ReportProblems, NamesEveryProblemForPeople) {
  const Findings findings = bad();
  ASSERT_GE(findings.problems.size(), 2U);
  const Captured error(STDERR_FILENO);
  EXPECT_EQ(report_problems({.log_format = LogFormat::text}, findings), 64);
  const std::string text = error.text();
  for (const Problem& problem : findings.problems) {
    EXPECT_NE(text.find("ambassador: " + to_string(problem.origin) + ": " + problem.what + "\n"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("  accepted: " + problem.accepted + "\n"), std::string::npos) << text;
  }
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "foreign text is escaped";
}

TEST(ReportProblems, EscapesTheNameOfAPlace) {
  const Findings findings =
      find_wiring({.environment = {{"A\x1b[2J_PORT_0_TCP", "a?health_password=hunter2"}}});
  const Captured error(STDERR_FILENO);
  report_problems({.log_format = LogFormat::text}, findings);
  const std::string text = error.text();
  EXPECT_NE(text.find("variable A\\x1b[2J_PORT_0_TCP: port 0"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

TEST(ReportProblems, WritesARecordOfEachForMachines) {
  const Findings findings = bad();
  const Captured error(STDERR_FILENO);
  EXPECT_EQ(report_problems({.log_format = LogFormat::json}, findings), 64);
  const auto lines = error.lines();
  ASSERT_EQ(lines.size(), findings.problems.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto value = boost::json::parse(lines[i]);
    EXPECT_EQ(value.at("event").as_string(), "wiring_problem");
    EXPECT_EQ(value.at("level").as_string(), "error");
    EXPECT_EQ(value.at("from").as_string(), to_string(findings.problems[i].origin));
    for (const char* key : {"value", "problem", "accepted"})
      EXPECT_TRUE(value.as_object().contains(key)) << key;
  }
}

TEST(ReportProblems, IsForMachinesWhenStandardErrorIsNoTerminal) {
  const Captured error(STDERR_FILENO);
  report_problems({}, bad());
  EXPECT_TRUE(error.text().starts_with('{'));
}

}  // namespace
}  // namespace amb
