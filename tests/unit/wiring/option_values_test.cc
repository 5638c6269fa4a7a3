// SPDX-License-Identifier: Apache-2.0
#include "wiring/option_values.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

using Kind = HealthOptions::Kind;
using std::chrono::milliseconds;

TEST(PolicyWord, IsReadAndWrittenBack) {
  for (const auto* word : {"first", "round_robin", "least_sessions", "random"}) {
    const auto policy = parse_policy(word);
    ASSERT_TRUE(policy) << word;
    EXPECT_EQ(format_policy(*policy), word);
  }
  EXPECT_EQ(parse_policy("least_sessions"), Policy::least_sessions);
}

TEST(PolicyWord, ThatIsWrongNamesTheNearestAndAll) {
  const auto policy = parse_policy("round-robin");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().what, "'round-robin' is no policy; did you mean round_robin?");
  EXPECT_EQ(policy.error().accepted, "first, round_robin, least_sessions or random");
  EXPECT_EQ(parse_policy("best").error().what, "'best' is no policy");
  EXPECT_EQ(parse_policy("\x1b[2J").error().what, "'\\x1b[2J' is no policy");
  EXPECT_FALSE(parse_policy(""));
  EXPECT_FALSE(parse_policy("First"));
}

TEST(UnavailableWord, IsReadAndWrittenBack) {
  EXPECT_EQ(parse_unavailable("reset"), (Unavailable{Unavailable::Kind::reset, milliseconds(0)}));
  EXPECT_EQ(parse_unavailable("refuse"), (Unavailable{Unavailable::Kind::refuse, milliseconds(0)}));
  EXPECT_EQ(parse_unavailable("hold=1500ms"), (Unavailable{Unavailable::Kind::hold, milliseconds(1500)}));
  for (const auto* word : {"reset", "refuse", "hold=5s", "hold=1500ms"})
    EXPECT_EQ(format_unavailable(*parse_unavailable(word)), word);
}

TEST(UnavailableWord, ThatIsWrongSaysWhatWouldDo) {
  const std::pair<const char*, const char*> kRows[] = {
      {"refuze", "'refuze' is nothing that can be done; did you mean refuse?"},
      {"hold", "'hold' does not say how long"},
      {"hold=", "'' is not a duration"},
      {"hold=0", "a duration of 0 would end everything at once"},
      {"reset=5s", "'reset=5s' takes no duration"},
      {"", "'' is nothing that can be done"}};
  for (const auto& [text, what] : kRows) {
    const auto outcome = parse_unavailable(text);
    ASSERT_FALSE(outcome) << text;
    EXPECT_EQ(outcome.error().what, what);
  }
  EXPECT_EQ(parse_unavailable("x").error().accepted, "reset, refuse or hold=5s");
}

TEST(SessionFateWord, IsReadAndWrittenBack) {
  EXPECT_EQ(parse_session_fate("keep"), (SessionFate{SessionFate::Kind::keep, milliseconds(0)}));
  EXPECT_EQ(parse_session_fate("cut"), (SessionFate{SessionFate::Kind::cut, milliseconds(0)}));
  EXPECT_EQ(parse_session_fate("drain=30s"), (SessionFate{SessionFate::Kind::drain, milliseconds(30000)}));
  for (const auto* word : {"keep", "cut", "drain=30s"})
    EXPECT_EQ(format_session_fate(*parse_session_fate(word)), word);
  EXPECT_EQ(parse_session_fate("drain").error().what, "'drain' does not say how long");
  EXPECT_EQ(parse_session_fate("cutt").error().accepted, "keep, cut or drain=30s");
}

TEST(HealthCheckWord, IsReadAndWrittenBack) {
  for (const auto* word :
       {"none", "tcp", "http", "http:///healthz", "http://web/", "http://web.example:8080/a?b=c%20d", "redis",
        "redis-primary", "postgres", "postgres-primary", "mysql", "send-expect"}) {
    const auto check = parse_health_check(word);
    ASSERT_TRUE(check) << word << ": " << check.error().what;
    HealthOptions health;
    health.kind = check->kind;
    health.http_host = check->http_host;
    health.http_path = check->http_path;
    EXPECT_EQ(format_health_check(health), word);
  }
}

TEST(HealthCheckWord, OfHttpSaysWhomAndWhatToAsk) {
  EXPECT_EQ(parse_health_check("http")->http_path, "/");
  EXPECT_EQ(parse_health_check("http://web")->http_host, "web");
  EXPECT_EQ(parse_health_check("http://web")->http_path, "/");
  EXPECT_EQ(parse_health_check("http:///healthz")->http_host, "");
  EXPECT_EQ(parse_health_check("http:///healthz")->http_path, "/healthz");
  EXPECT_EQ(parse_health_check("http://[::1]:80/x")->http_host, "[::1]:80");
  EXPECT_EQ(parse_health_check("http://")->kind, Kind::http);
}

TEST(HealthCheckWord, ThatIsWrongSaysWhatWouldDo) {
  const std::pair<std::string, const char*> kRows[] = {
      {"redis_primary", "'redis_primary' is no check; did you mean redis-primary?"},
      {"ping", "'ping' is no check"},
      {"https://web/", "health checks do not speak TLS"},
      {"http://a b/", "host 'a b' holds ' '"},
      {"http:///a b", "the path '/a b' holds ' '"},
      {"http:///a\r\nX: y", "the path '/a\\r\\nX: y' holds '\\r'"},
      {std::string("http:///a\0", 10), "the path '/a\\x00' holds '\\x00'"},
      {"http://a\r\nb/", "host 'a\\r\\nb' holds '\\r\\n'"},
      {"http:///a#b", "the path '/a#b' holds '#'"},
      {"http:///" + std::string(600, 'a'), "host and path are longer than 512 bytes"}};
  for (const auto& [text, what] : kRows) {
    const auto outcome = parse_health_check(text);
    ASSERT_FALSE(outcome) << text;
    EXPECT_EQ(outcome.error().what, what);
    EXPECT_NE(outcome.error().accepted, "");
  }
}

TEST(StatusRange, IsOneStatusOrTwoWithADash) {
  EXPECT_EQ(parse_status_range("204")->low, 204);
  EXPECT_EQ(parse_status_range("204")->high, 204);
  EXPECT_EQ(parse_status_range("200-399")->high, 399);
  EXPECT_EQ(format_status_range(204, 204), "204");
  EXPECT_EQ(format_status_range(200, 399), "200-399");
  EXPECT_EQ(parse_status_range("2xx").error().what, "'2xx' is no range of statuses");
}

TEST(NumberBetween, SaysItsRange) {
  EXPECT_EQ(parse_number_between("10", 0, 10), 10U);
  EXPECT_EQ(parse_number_between("11", 0, 10).error().what, "'11' is out of range");
  EXPECT_EQ(parse_number_between("ten", 0, 10).error().what, "'ten' is not a number");
  EXPECT_EQ(parse_number_between("", 1, 10).error().accepted, "a number from 1 to 10");
}

TEST(Jitter, IsAPercentageWithOrWithoutItsSign) {
  EXPECT_EQ(parse_jitter("20%"), 20);
  EXPECT_EQ(parse_jitter("20"), 20);
  EXPECT_FALSE(parse_jitter("51%"));
}

TEST(Mode, IsWrittenAsItIsRead) {
  for (const auto* text : {"0660", "0666", "0700", "0222"}) EXPECT_EQ(format_mode(*parse_mode(text)), text);
  EXPECT_EQ(parse_mode("0660"), 0660);
  EXPECT_EQ(parse_mode("660").error().what, "'660' is no mode of a file")
      << "TOML's 0o1224 would be the same";
  EXPECT_EQ(parse_mode("0555").error().what, "'0555' lets nobody write, and so nobody connect");
}

TEST(Account, IsANameOrANumber) {
  EXPECT_EQ(parse_account("redis"), "redis");
  EXPECT_EQ(parse_account("1000"), "1000");
  EXPECT_EQ(parse_account("4294967295").error().what,
            "'4294967295' is neither a name nor a number of a user or group");
}

TEST(PlainText, HoldsNoByteThatAProtocolSeparatesWith) {
  EXPECT_EQ(parse_plain_text("größe & $x"), "größe & $x");
  EXPECT_EQ(parse_plain_text(""), "");
  for (const std::string& text :
       {std::string("a\0b", 3), std::string("a\r"), std::string("a\n"), std::string("\x7f")})
    EXPECT_EQ(parse_plain_text(text).error().what, "it holds a control character");
  EXPECT_TRUE(parse_plain_text(std::string(512, 'a')));
  EXPECT_EQ(parse_plain_text(std::string(513, 'a')).error().what, "it has 513 bytes");
}

TEST(Bytes, AreAnyButNotTooMany) {
  EXPECT_EQ(parse_bytes(std::string("\0\xff\r\n", 4)), std::string("\0\xff\r\n", 4));
  EXPECT_TRUE(parse_bytes(std::string(1024, '\0')));
  EXPECT_FALSE(parse_bytes(std::string(1025, 'a')));
  EXPECT_EQ(show_bytes(std::string(1000, '\n')).size(), 2000U) << "what is shown is whole";
}

}  // namespace
}  // namespace amb
