// SPDX-License-Identifier: Apache-2.0
//
// The lines that people write alerts on: their names, levels and fields.
#include "app/journal.h"

#include <gtest/gtest.h>

#include <functional>

#include "app/version.h"
#include "unit/support/redirected.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using test::ip;

const LinkTable kLinks({{.name = "redis",
                         .targets = {{.text = "tcp://redis:6379"}, {.text = "tcp://10.0.0.5:6379"}},
                         .origins = {{Origin::Kind::variable, "REDIS_PORT_6379_TCP"},
                                     {Origin::Kind::hosts_file, "/etc/hosts:9"}}},
                        {.name = "postgres",
                         .targets = {{.text = "unix:///run/pg"}},
                         .origins = {{Origin::Kind::argument, "argument 1"}}}});

/// The lines that `say` leads to, as JSON without the time.
std::vector<std::string> lines_of(const std::function<void(Journal&)>& say) {
  const test::Captured error(STDERR_FILENO);
  {
    Log log(LogFormat::json, LogLevel::debug);
    Journal journal(log, kLinks);
    say(journal);
  }
  std::vector<std::string> lines = error.lines();
  for (std::string& line : lines)
    line.erase(1, std::string_view(R"("time":"2026-11-24T00:14:28.123Z",)").size());
  return lines;
}

struct Said {
  std::function<void(Journal&)> say;
  std::string expected;
};

void PrintTo(const Said& said, std::ostream* out) { *out << said.expected; }

class JournalLine : public testing::TestWithParam<Said> {};

TEST_P(JournalLine, IsAsDocumented) {
  EXPECT_EQ(lines_of(GetParam().say), (std::vector<std::string>{GetParam().expected}));
}

INSTANTIATE_TEST_SUITE_P(
    Starting, JournalLine,
    testing::Values(
        Said{
            [](Journal& j) { j.listening(0, ip("::", 6379)); },
            R"({"level":"info","event":"listening","link":"redis","address":"[::]:6379",)"
            R"("from":"variable REDIS_PORT_6379_TCP, /etc/hosts:9","targets":"tcp://redis:6379, tcp://10.0.0.5:6379"})"},
        Said{
            [](Journal& j) {
              j.listen_failed(kLinks[1], ip("::", 80), {"cannot listen on", EACCES, "[::]:80"});
            },
            R"({"level":"error","event":"listen_failed","link":"postgres","address":"[::]:80","from":"argument 1",)"
            R"("error":"cannot listen on [::]:80: Permission denied"})"},
        Said{[](Journal& j) { j.cannot_start("no descriptors"); },
             R"({"level":"error","event":"cannot_start","error":"no descriptors"})"},
        Said{[](Journal& j) { j.note("port 6379 is redis"); },
             R"({"level":"info","event":"note","text":"port 6379 is redis"})"},
        Said{[](Journal& j) { j.ready(4, 1000); }, R"({"level":"info","event":"ready","version":")" +
                                                       std::string(kVersion) +
                                                       R"(","links":2,"workers":4,"max_sessions":1000})"}));

INSTANTIATE_TEST_SUITE_P(
    Names, JournalLine,
    testing::Values(
        Said{[](Journal& j) { j.moved("redis", {ip("10.0.0.5")}, {ip("10.0.0.6"), ip("fd00::6")}); },
             R"({"level":"info","event":"moved","name":"redis","was":"10.0.0.5","now":"10.0.0.6, fd00::6"})"},
        Said{[](Journal& j) { j.moved("redis", {ip("10.0.0.5")}, {}); },
             R"({"level":"info","event":"moved","name":"redis","was":"10.0.0.5","now":"nothing"})"},
        Said{[](Journal& j) { j.resolve_failed("redis", "no server answered", true); },
             R"({"level":"warning","event":"resolve_failed","name":"redis","error":"no server answered",)"
             R"("consequence":"the last known addresses stay in use"})"},
        Said{[](Journal& j) { j.resolve_failed("redis", "no such name", false); },
             R"({"level":"warning","event":"resolve_failed","name":"redis","error":"no such name",)"
             R"("consequence":"sessions fail until the name has an address"})"},
        Said{
            [](Journal& j) {
              j.refused(0, {"redis", ip("127.0.0.1", 6379), "leads back to our own listener [::]:6379"});
            },
            R"({"level":"warning","event":"endpoint_refused","link":"redis","name":"redis","address":"127.0.0.1:6379",)"
            R"("error":"leads back to our own listener [::]:6379"})"}));

CloseRecord record(CloseReason reason, int error) {
  return {.link = 1,
          .reason = reason,
          .error = error,
          .downstream = CompactAddress(ip("10.0.0.1", 40000)),
          .upstream = CompactAddress(ip("10.0.0.5", 6379)),
          .bytes_to_upstream = 5'000'000'000,
          .bytes_to_downstream = 2,
          .connect_time = 3,
          .life_time = 4};
}

INSTANTIATE_TEST_SUITE_P(
    Sessions, JournalLine,
    testing::Values(
        Said{
            [](Journal& j) { j.traces_failed("collector:4318", "HTTP status 503", true); },
            R"({"level":"warning","event":"traces_failed","collector":"collector:4318","error":"HTTP status 503",)"
            R"("consequence":"spans wait, and beyond 2048 they are dropped"})"},
        Said{[](Journal& j) { j.traces_back("collector:4318"); },
             R"({"level":"info","event":"traces_back","collector":"collector:4318"})"},
        Said{
            [](Journal& j) { j.notice(record(CloseReason::connect_refused, ECONNREFUSED)); },
            R"({"level":"warning","event":"session_failed","link":"postgres","reason":"connect_refused",)"
            R"("side":"upstream","downstream":"10.0.0.1:40000","upstream":"10.0.0.5:6379","bytes_to_upstream":5000000000,)"
            R"("bytes_to_downstream":2,"connect_ms":3,"life_ms":4,"relay":"copy",)"
            R"("protocol":"none","server_name":"","alpn":"","error":"Connection refused"})"},
        Said{
            [](Journal& j) { j.notice(CloseRecord{.link = 0, .reason = CloseReason::client_reset}); },
            R"({"level":"info","event":"session_failed","link":"redis","reason":"client_reset","side":"downstream","downstream":"-","upstream":"-",)"
            R"("bytes_to_upstream":0,"bytes_to_downstream":0,"connect_ms":0,"life_ms":0,"relay":"copy",)"
            R"("protocol":"none","server_name":"","alpn":"","error":""})"},
        Said{
            [](Journal& j) {
              j.notice(
                  CloseRecord{.link = 0,
                              .has_spliced = true,
                              .protocol = AppProtocol::tls,
                              .hello = std::make_unique<TlsHello>(TlsHello{"db\nexample", "h2,http/1.1"})});
            },
            R"({"level":"info","event":"session_ended","link":"redis","reason":"eof","side":"both","downstream":"-","upstream":"-",)"
            R"("bytes_to_upstream":0,"bytes_to_downstream":0,"connect_ms":0,"life_ms":0,"relay":"splice",)"
            R"("protocol":"tls","server_name":"db\\nexample","alpn":"h2,http/1.1","error":""})"},
        Said{
            [](Journal& j) {
              j.leave_out_failures();
              j.notice(record(CloseReason::connect_refused, ECONNREFUSED));
            },
            R"({"level":"debug","event":"session_failed","link":"postgres","reason":"connect_refused",)"
            R"("side":"upstream","downstream":"10.0.0.1:40000","upstream":"10.0.0.5:6379","bytes_to_upstream":5000000000,)"
            R"("bytes_to_downstream":2,"connect_ms":3,"life_ms":4,"relay":"copy",)"
            R"("protocol":"none","server_name":"","alpn":"","error":"Connection refused"})"},
        Said{
            [](Journal& j) { j.notice(AcceptFailed{0, EMFILE}); },
            R"({"level":"warning","event":"accept_paused","link":"redis","reason":"accept failed","errno":"EMFILE",)"
            R"("error":"Too many open files"})"},
        Said{
            [](Journal& j) { j.notice(SessionLimitReached{.link = 0, .open = 10, .looping = 5}); },
            R"({"level":"warning","event":"accept_paused","link":"redis","reason":"session limit","sessions":10,)"
            R"("error":"the session limit is reached; consumers wait in the backlog"})"}));

const SocketAddress kEndpoint = *SocketAddress::from_ip("10.0.0.5", 6379);

INSTANTIATE_TEST_SUITE_P(
    Endpoints, JournalLine,
    testing::Values(
        Said{
            [](Journal& j) { j.endpoint_health(0, kEndpoint, Health::up, "PONG"); },
            R"({"level":"info","event":"endpoint_up","link":"redis","endpoint":"10.0.0.5:6379","reason":"PONG"})"},
        Said{[](Journal& j) { j.endpoint_health(0, kEndpoint, Health::down, "it refuses"); },
             R"({"level":"warning","event":"endpoint_down","link":"redis","endpoint":"10.0.0.5:6379",)"
             R"("reason":"it refuses"})"},
        Said{
            [](Journal& j) { j.link_availability(0, false, "10.0.0.5:6379: it refuses"); },
            R"({"level":"warning","event":"link_unavailable","link":"redis","reason":"10.0.0.5:6379: it refuses",)"
            R"("error":"no endpoint is up",)"
            R"("consequence":"sessions are reset until one is up"})"},
        Said{[](Journal& j) { j.link_availability(0, true); },
             R"({"level":"info","event":"link_available","link":"redis"})"},
        Said{[](Journal& j) { j.notice(EndpointEjected{0, CompactAddress(kEndpoint), ECONNREFUSED}); },
             R"({"level":"warning","event":"endpoint_ejected","link":"redis","endpoint":"10.0.0.5:6379",)"
             R"("error":"Connection refused","consequence":"new sessions go elsewhere for a while"})"},
        Said{[](Journal& j) { j.notice(EndpointBack{0, CompactAddress(kEndpoint)}); },
             R"({"level":"info","event":"endpoint_back","link":"redis","endpoint":"10.0.0.5:6379"})"},
        Said{[](Journal& j) { j.watch_failed("/etc/hosts", "Too many open files"); },
             R"({"level":"warning","event":"watch_failed","path":"/etc/hosts","error":"Too many open files",)"
             R"("consequence":"its changes are seen when names are asked for again"})"}));

INSTANTIATE_TEST_SUITE_P(
    Steering, JournalLine,
    testing::Values(
        Said{
            [](Journal& j) { j.wiring_changed("SIGHUP", 3, {}); },
            R"({"level":"info","event":"wiring_changed","cause":"SIGHUP","generation":3,"changes":0,"links":2})"},
        Said{[](Journal& j) { j.wiring_rejected("file", 3, {}); },
             R"({"level":"error","event":"wiring_rejected","cause":"file","problems":0,"generation":3,)"
             R"("consequence":"the wiring stays as it is"})"},
        Said{[](Journal& j) { j.rewired(0, "tcp://old:6379", {}); },
             R"({"level":"info","event":"rewired","link":"redis","was":"tcp://old:6379",)"
             R"("now":"tcp://redis:6379, tcp://10.0.0.5:6379","existing":"keep"})"},
        Said{
            [](Journal& j) {
              j.rewired(1, "tcp://a:1", {SessionFate::Kind::drain, std::chrono::seconds(30)});
            },
            R"({"level":"info","event":"rewired","link":"postgres","was":"tcp://a:1","now":"unix:///run/pg",)"
            R"("existing":"drain=30s"})"},
        Said{
            [](Journal& j) { j.rewire_ended("redis", "its source says something else now"); },
            R"({"level":"info","event":"rewire_ended","link":"redis","why":"its source says something else now"})"},
        Said{[](Journal& j) { j.drained(0, true); },
             R"({"level":"info","event":"link_drained","link":"redis"})"},
        Said{[](Journal& j) { j.drained(1, false); },
             R"({"level":"info","event":"link_resumed","link":"postgres"})"},
        Said{[](Journal& j) { j.control({.control = "/run/ambassador/control.sock"}); },
             R"({"level":"info","event":"control","address":"/run/ambassador/control.sock"})"}));

INSTANTIATE_TEST_SUITE_P(
    Stopping, JournalLine,
    testing::Values(
        Said{[](Journal& j) { j.signal_ignored("SIGHUP", "stopping"); },
             R"({"level":"info","event":"signal_ignored","signal":"SIGHUP","why":"stopping"})"},
        Said{[](Journal& j) { j.stopping("SIGTERM", 7); },
             R"({"level":"info","event":"stopping","signal":"SIGTERM","sessions":7})"},
        Said{[](Journal& j) { j.stopped(0); }, R"({"level":"info","event":"stopped","sessions_cut":0})"},
        Said{[](Journal& j) { j.stopped(2); }, R"({"level":"warning","event":"stopped","sessions_cut":2})"}));

TEST(Journal, TellsEachLinkThatChangesAndThenTheWiring) {
  using Kind = PlanStep::Kind;
  const auto lines = lines_of([](Journal& j) {
    j.wiring_changed("file", 2,
                     {{Kind::add, "a", {"listen [::]:80", "upstream tcp://h:1"}},
                      {Kind::change, "b", {"policy first -> random"}},
                      {Kind::remove, "c", {}}});
  });
  EXPECT_EQ(lines,
            (std::vector<std::string>{
                R"({"level":"info","event":"link_added","link":"a",)"
                R"("details":"listen [::]:80, upstream tcp://h:1"})",
                R"({"level":"info","event":"link_changed","link":"b","details":"policy first -> random"})",
                R"({"level":"info","event":"link_removed","link":"c","details":""})",
                R"({"level":"info","event":"wiring_changed","cause":"file","generation":2,)"
                R"("changes":3,"links":2})"}));
}

TEST(Journal, TellsEachProblemAndThenThatTheWiringWasTurnedDown) {
  const auto lines = lines_of([](Journal& j) {
    j.wiring_rejected("SIGHUP", 2,
                      {{{Origin::Kind::file, "links.toml:3:9"}, "x", "it is wrong", "it right"}});
  });
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], R"({"level":"error","event":"wiring_problem","from":"links.toml:3:9","value":"x",)"
                      R"("problem":"it is wrong","accepted":"it right"})");
}

TEST(Journal, TellsEveryPlaceWhereItCanBeAskedAndWhyNotAnother) {
  const auto lines = lines_of([](Journal& j) {
    j.control({.control = "/tmp/x.sock", .tcp = "127.0.0.1:9900", .notes = {"/run is not writable"}});
  });
  EXPECT_EQ(lines,
            (std::vector<std::string>{R"({"level":"debug","event":"note","text":"/run is not writable"})",
                                      R"({"level":"info","event":"control","address":"/tmp/x.sock"})",
                                      R"({"level":"info","event":"control","address":"127.0.0.1:9900"})"}));
}

TEST(Journal, SuspectsALoopWhenMostSessionsLeadWhereTheyComeFrom) {
  const auto lines =
      lines_of([](Journal& j) { j.notice(SessionLimitReached{.link = 0, .open = 10, .looping = 6}); });
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(
      lines[1].starts_with(R"({"level":"warning","event":"suspected_loop","link":"redis","sessions":6,)"))
      << lines[1];
}

TEST(Journal, SaysThatLinesWereLostWithTheNumberSoFar) {
  EXPECT_TRUE(lines_of([](Journal& j) { j.lost_lines(0); }).empty());
  const auto lines = lines_of([](Journal& j) {
    j.lost_lines(3);
    j.lost_lines(3);
  });
  EXPECT_EQ(
      lines,
      (std::vector<std::string>{
          R"({"level":"warning","event":"log_dropped","lines":3,"error":"the log was not read in time"})"}));
}

TEST(Journal, DoesNotAddALineForEveryLineThatWasLost) {
  const auto lines = lines_of([](Journal& j) {
    for (std::uint64_t lost = 1; lost <= 5000; ++lost) j.lost_lines(lost);
  });
  EXPECT_GE(lines.size(), 1U);
  EXPECT_LT(lines.size(), 500U) << "what is lost already must not be made worse";
}

TEST(Journal, EscapesForeignText) {
  const auto lines = lines_of([](Journal& j) { j.resolve_failed("evil\n\x1b[2J\"", "x", false); });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find(R"("name":"evil\\n\\x1b[2J\\\"")"), std::string::npos) << lines[0];
}

TEST(JoinTargets, SeparatesThemForPeople) {
  EXPECT_EQ(join_targets(kLinks[0]), "tcp://redis:6379, tcp://10.0.0.5:6379");
  EXPECT_EQ(join_targets(kLinks[1]), "unix:///run/pg");
}

}  // namespace
}  // namespace amb
