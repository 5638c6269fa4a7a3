// SPDX-License-Identifier: Apache-2.0
#include "app/answer_text.h"

#include <gtest/gtest.h>

#include "app/json_fields.h"

namespace amb {
namespace {

TEST(PlanText, MarksWhatComesChangesAndGoes) {
  const auto change = parse_answer(
      R"({"was_applied":true,"generation":2,"steps":[{"kind":"add","link":"web","details":["listen 0.0.0.0:80"]},
      {"kind":"change","link":"redis","details":["upstream tcp://a:1 -> tcp://b:1","health none -> redis"]},
      {"kind":"remove","link":"old","details":[]}]})");
  EXPECT_EQ(plan_text(change, {}),
            "+ web\n"
            "    listen 0.0.0.0:80\n"
            "~ redis\n"
            "    upstream tcp://a:1 -> tcp://b:1\n"
            "    health none -> redis\n"
            "- old\n");
  EXPECT_EQ(plan_text(change, {.colour = true}).substr(0, 16), "\x1b[32m+ web\x1b[0m\n ");
  EXPECT_EQ(plan_text(parse_answer(R"({"steps":[]})"), {}), "");
}

TEST(FindingsText, HasALineForEachAddressAndForTheSessions) {
  const auto change = parse_answer(
      R"({"targets":[{"target":"tcp://10.0.0.1:1","address":"10.0.0.1:1","is_well":true,"said":"up in 0.4 ms"},
      {"target":"tcp://db:1","address":"10.0.0.2:1","is_well":false,"said":"refuses connections"},
      {"target":"tcp://tcp:1","address":"","is_well":false,"said":"does not resolve"}],
      "targets_left_out":4,"former_sessions":1,"existing":"keep"})");
  EXPECT_EQ(findings_text(change, {}),
            "    tcp://10.0.0.1:1: up in 0.4 ms\n"
            "    tcp://db:1 at 10.0.0.2:1: refuses connections\n"
            "    tcp://tcp:1: does not resolve\n"
            "    4 more were not checked\n"
            "    1 session at former endpoints is kept\n");
  EXPECT_EQ(findings_warning(change),
            "ambassador: warning: tcp://db:1 at 10.0.0.2:1: refuses connections\n"
            "ambassador: warning: tcp://tcp:1: does not resolve\n");
  EXPECT_EQ(findings_text(parse_answer(R"({"former_sessions":2,"existing":"drain=30s"})"), {}),
            "    2 sessions at former endpoints have 30s to end\n");
  EXPECT_EQ(findings_text(parse_answer(R"({"former_sessions":2,"existing":"cut"})"), {}),
            "    2 sessions at former endpoints are reset\n");
  EXPECT_EQ(findings_text(parse_answer("{}"), {}), "");
}

TEST(ErrorText, NamesEveryProblemWithItsPlace) {
  const auto error = parse_answer(
      R"({"error":"the wiring stays as it is","accepted":"","problems":[
      {"from":"links.toml:4:10","value":"tcq","problem":"'tcq' is no check","accepted":"tcp"},
      {"from":"links.toml:1:1","value":"","problem":"it has no upstream","accepted":"one"}]})");
  EXPECT_EQ(error_text(error),
            "ambassador: the wiring stays as it is\n"
            "links.toml:4:10: 'tcq' is no check\n"
            "  found:    tcq\n"
            "  accepted: tcp\n"
            "links.toml:1:1: it has no upstream\n"
            "  accepted: one\n");
  EXPECT_EQ(error_text(parse_answer(R"({"error":"no","accepted":"a or b","problems":[]})")),
            "ambassador: no\n  accepted: a or b\n");
}

TEST(EventText, IsALineOfTheLog) {
  const auto event = parse_answer(
      R"({"time":"2026-11-23T00:14:28.123Z","level":"info","event":"moved","name":"db","was":"10.0.0.1, 10.0.0.2","n":3,"e":""})");
  EXPECT_EQ(event_text(event, false),
            "2026-11-23T00:14:28.123Z info    moved name=db was=\"10.0.0.1, 10.0.0.2\" n=3 e=\"\"");
}

TEST(EventText, LeavesTheTerminalAlone) {
  const auto event =
      parse_answer("{\"time\":\"t\",\"level\":\"info\",\"event\":\"e\",\"x\\u001b\":\"\\u001b[2J\"}");
  EXPECT_EQ(event_text(event, false).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace amb
