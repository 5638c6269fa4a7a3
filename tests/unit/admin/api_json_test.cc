// SPDX-License-Identifier: Apache-2.0
#include "admin/api_json.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

LinkStatus link() {
  return {.name = "redis",
          .state = "up",
          .listen = {"[::]:6379"},
          .upstream = {"tcp://b:6379"},
          .declared = {"tcp://a:6379"},
          .from = {"variable REDIS_PORT_6379_TCP"},
          .on_rewire = "drain=30s",
          .sessions = 3,
          .opened = 10,
          .closed = {{"eof", 6}, {"upstream_reset", 1}},
          .protocols = {{"redis", 4}},
          .bytes_to_upstream = 18446744073709551615ULL,
          .bytes_to_downstream = 5,
          .endpoints = {{.target = "tcp://b:6379",
                         .address = "10.0.0.5:6379",
                         .health = "up",
                         .reason = "it said \"PONG\"",
                         .ejected_by = 1,
                         .sessions = 3}},
          .endpoints_left_out = 7};
}

constexpr auto kLink =
    R"({"name":"redis","state":"up","reason":"","since_ms":0,"listen":["[::]:6379"],"upstream":["tcp://b:6379"],"declared":["tcp://a:6379"],)"
    R"("from":["variable REDIS_PORT_6379_TCP"],"on_rewire":"drain=30s","sessions":3,"most_sessions":0,"opened":10,)"
    R"("closed":{"eof":6,"upstream_reset":1},"protocols":{"redis":4},"bytes_to_upstream":18446744073709551615,"bytes_to_downstream":5,)"
    R"("endpoints":[{"target":"tcp://b:6379","address":"10.0.0.5:6379","health":"up","reason":"it said \"PONG\"",)"
    R"("ejected_by":1,"sessions":3}],"endpoints_left_out":7})";

TEST(ApiJson, TellsALinkWhole) {
  EXPECT_EQ(to_json(link()), std::string(kLink) + "\n");
  EXPECT_EQ(to_json(std::vector{link()}), std::string(R"({"links":[)") + kLink + "]}\n");
  EXPECT_EQ(to_json(std::vector<LinkStatus>()), "{\"links\":[]}\n");
}

TEST(ApiJson, TellsTheProgram) {
  ProgramStatus status{
      .version = "1.0", .commit = "abc", .pid = 7, .uptime_s = 60, .state = "ready", .workers = 2};
  status.most_sessions = 100;
  EXPECT_EQ(
      to_json(status),
      R"({"version":"1.0","commit":"abc","pid":7,"uptime_s":60,"state":"ready","reason":"","since_ms":0,"workers":2,"sessions":0,)"
      R"("most_sessions":100,"generation":1,"reloads_rejected":0,"last_rejection":null,"config":null,"links":[]})"
      "\n");
  status.config = "/etc/ambassador.toml";
  status.last_rejection = Rejection{
      .time_ms = 1700000000123,
      .problems = {{{Origin::Kind::file, "links.toml:4:1"}, "x\x1b", "it is wrong", "what is right"}}};
  const std::string json = to_json(status);
  EXPECT_NE(json.find(R"("last_rejection":{"time_ms":1700000000123,"problems":[{"from":"links.toml:4:1",)"
                      R"("value":"x\\x1b","problem":"it is wrong","accepted":"what is right"}]})"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("config":"/etc/ambassador.toml")"), std::string::npos);
}

TEST(ApiJson, TellsSessions) {
  const SessionList list{{{.id = "0-1",
                           .link = "redis",
                           .downstream = "10.0.0.1:5",
                           .upstream = {},
                           .state = "connecting",
                           .protocol = "tls",
                           .server_name = "db.example",
                           .alpn = "h2",
                           .bytes_to_upstream = 1,
                           .bytes_to_downstream = 2,
                           .age_ms = 3,
                           .quiet_ms = 4}},
                         9};
  EXPECT_EQ(
      to_json(list),
      R"({"left_out":9,"sessions":[{"id":"0-1","link":"redis","downstream":"10.0.0.1:5","upstream":"","state":"connecting",)"
      R"("protocol":"tls","server_name":"db.example","alpn":"h2",)"
      R"("bytes_to_upstream":1,"bytes_to_downstream":2,"age_ms":3,"quiet_ms":4}]})"
      "\n");
}

TEST(ApiJson, TellsWhy) {
  const WhyAnswer why{.link = "redis",
                      .state = "down",
                      .opened = 4,
                      .closed = {{"no_upstream", 4}},
                      .failures = {{1, 2, 3, "endpoint_down", "no answer", "", "10.0.0.5:6379"}}};
  EXPECT_EQ(
      to_json(why),
      R"({"link":"redis","state":"down","reason":"","since_ms":0,"opened":4,"closed":{"no_upstream":4},"failures":[{"first_ms":1,"last_ms":2,)"
      R"("count":3,"event":"endpoint_down","reason":"no answer","error":"","where":"10.0.0.5:6379"}]})"
      "\n");
}

TEST(ApiJson, TellsWhatChanges) {
  const ChangeResult change{.was_applied = true,
                            .generation = 5,
                            .steps = {{PlanStep::Kind::add, "a", {}},
                                      {PlanStep::Kind::change, "b", {"upstream tcp://a:1 -> tcp://b:2"}},
                                      {PlanStep::Kind::remove, "c", {}}}};
  EXPECT_EQ(to_json(change),
            R"({"was_applied":true,"generation":5,"steps":[{"kind":"add","link":"a","details":[]},)"
            R"({"kind":"change","link":"b","details":["upstream tcp://a:1 -> tcp://b:2"]},)"
            R"({"kind":"remove","link":"c","details":[]}],)"
            R"("targets":[],"targets_left_out":0,"refusal":"","existing":"","former_sessions":0})"
            "\n");
}

TEST(ApiJson, TellsWhatTheCheckOfARewiresTargetsFound) {
  const TargetFinding finding{.target = "tcp://a:1",
                              .address = "10.0.0.1:1",
                              .is_well = true,
                              .said = "up in 0.4 ms",
                              .took_us = 400};
  const std::string shown =
      R"({"target":"tcp://a:1","address":"10.0.0.1:1","is_well":true,"said":"up in 0.4 ms","took_us":400})";
  const ChangeResult change{
      .targets = {finding}, .targets_left_out = 2, .refusal = "no", .existing = "cut", .former_sessions = 3};
  EXPECT_EQ(to_json(change),
            R"({"was_applied":false,"generation":1,"steps":[],"targets":[)" + shown +
                R"(],"targets_left_out":2,"refusal":"no","existing":"cut","former_sessions":3})"
                "\n");
  EXPECT_EQ(to_json(ControlError{409, "no", "", {}, {finding}}),
            R"({"error":"no","accepted":"","problems":[],"targets":[)" + shown + "]}\n");
}

TEST(ApiJson, TellsReadinessAndErrors) {
  EXPECT_EQ(to_json(Readiness{false, "degraded", "why", 5, {"redis"}}),
            "{\"is_ready\":false,\"state\":\"degraded\",\"reason\":\"why\",\"since_ms\":5,\"waits\":["
            "\"redis\"]}\n");
  const ControlError error{422, "no", "yes", {{{Origin::Kind::argument, "argument 1"}, "v", "p", "a"}}};
  EXPECT_EQ(
      to_json(error),
      R"({"error":"no","accepted":"yes","problems":[{"from":"argument 1","value":"v","problem":"p","accepted":"a"}]})"
      "\n");
}

}  // namespace
}  // namespace amb
