// SPDX-License-Identifier: Apache-2.0
//
// Values that were commands for the old image's shell. Here each is refused as text, and what is printed
// about it cannot steer a terminal or forge a line.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/wiring/find.h"
#include "wiring/report.h"

namespace amb {
namespace {

const std::vector<std::string> kValues = {
    "tcp://$(touch ./pwned):6379;sh -c id",
    "$(touch ./pwned)",
    "`touch ./pwned`",
    "tcp://`id`:6379",
    "tcp://${HOME}:6379",
    "tcp://$HOME:6379",
    "tcp://h:$((1+1))",
    "tcp://h:6379;cmd",
    "tcp://h:6379; cmd",
    "tcp://h:6379&&cmd",
    "tcp://h:6379&",
    "tcp://h:6379|sh",
    "tcp://h:6379||cmd",
    "tcp://h:6379>f",
    "tcp://h:6379</etc/passwd",
    "tcp://h:6379\ncmd",
    "tcp://h:6379\r\ncmd",
    "tcp://h\ncmd\n:6379",
    "tcp://\nh:6379",
    "tcp://h:6379\n,b",
    "tcp://h:6379 #",
    "tcp://h:6379\tcmd",
    "x; echo PWNED",
    "' ; id ; '",
    "\"; id; \"",
    "tcp://'h':6379",
    "tcp://\"h\":6379",
    "tcp://h\\:6379",
    "tcp://(id):6379",
    "tcp://{a,b}:6379",
    "tcp://~:6379",
    "tcp://*:6379",
    "tcp://h?:6379",
    "tcp://!h:6379",
    "tcp://h:6379,fork,exec=sh",
    "tcp://h:6379,EXEC:/bin/sh",
    "EXEC:/bin/sh",
    "SYSTEM:id",
    "TCP4:h:6379",
    "tcp://h:6379/../../etc/passwd",
    "tcp://../../etc/passwd",
    "file:///etc/passwd",
    "unix:///run/$(id)",
    "unix:///run/x;id",
    "unix:///run/x\nid",
    "tcp://\x1b[2J:6379",
    "tcp://\x1b]0;pwned\x07:6379",
    "tcp://%73h:6379",
    "tcp://h%00:6379",
    "tcp://h:6379?listen=$(id)",
    "tcp://h:6379?$(id)=1",
    "tcp://h:6379?connect_timeout=1s;id",
    "tcp://h:6379?listen=unix:///tmp/x;id",
    "tcp://\xe2\x80\xae:6379",
    "tcp://h\x7f:6379",
    "%s%s%s%n",
    "{}{0}{:>99999}",
};

class Injection : public testing::TestWithParam<std::string> {};

TEST_P(Injection, IsRefusedAndPrintedHarmlessly) {
  const Findings findings = test::find({{"DB_PORT_6379_TCP", GetParam()}});
  ASSERT_FALSE(findings.problems.empty()) << GetParam();
  for (const auto& problem : findings.problems)
    EXPECT_EQ(to_string(problem.origin), "variable DB_PORT_6379_TCP");
  const auto steers = [](char c) { return (c >= 0 && c < 0x20 && c != '\n') || c == 0x7f; };
  for (const auto& report : {report_text(findings, false), report_json(findings)}) {
    EXPECT_TRUE(std::ranges::none_of(report, steers)) << report;
    EXPECT_EQ(report.find("\xe2\x80\xae"), std::string::npos);
    EXPECT_EQ(report.find("\ncmd"), std::string::npos) << "no line of the value's own";
  }
}

INSTANTIATE_TEST_SUITE_P(Values, Injection, testing::ValuesIn(kValues));

TEST(Injection, IsTriedWithAtLeast50Values) { EXPECT_GE(kValues.size(), 50U); }

TEST(Injection, ThroughTheNameIsPrintedHarmlessly) {
  const Findings findings =
      test::find({{"X\n\x1b[2J_PORT_80_TCP", "tcp://h:80"}, {"Y\n_PORT_0_TCP", "tcp://h:80"}});
  const std::string report = report_text(findings, false) + report_json(findings);
  EXPECT_EQ(report.find('\x1b'), std::string::npos);
  EXPECT_NE(report.find("X\\n\\x1b[2J_PORT_80_TCP"), std::string::npos) << report;
  ASSERT_EQ(findings.links.size(), 1U);
  EXPECT_EQ(findings.links[0].name, "x\\n\\x1b[2j") << "a link's name is a label and a log field";
}

}  // namespace
}  // namespace amb
