// SPDX-License-Identifier: Apache-2.0
#include "app/session_text.h"

#include <gtest/gtest.h>

#include "app/json_fields.h"

namespace amb {
namespace {

TEST(SessionsText, HasTwoLinesForEach) {
  const auto list = parse_answer(
      R"({"sessions":[{"id":"0-1045","link":"redis","downstream":"10.0.0.1:40000","upstream":"10.0.0.5:6379",
      "state":"relaying","protocol":"tls","server_name":"db.example","alpn":"h2","bytes_to_upstream":1234,"bytes_to_downstream":0,"age_ms":725000,"quiet_ms":3999},
      {"id":"1-2","link":"redis","downstream":"[fd00::1]:5","upstream":"","state":"connecting","protocol":"none","server_name":"","alpn":"","bytes_to_upstream":0,
      "bytes_to_downstream":0,"age_ms":1,"quiet_ms":1}],"left_out":12000})");
  EXPECT_EQ(sessions_text(list, {}),
            "ID      LINK   STATE       TO UPSTREAM  TO DOWNSTREAM  AGE  QUIET\n"
            "0-1045  redis  relaying        1.23 kB            0 B  12m     3s\n"
            "  10.0.0.1:40000 -> 10.0.0.5:6379, tls for db.example (h2)\n"
            "1-2     redis  connecting          0 B            0 B   0s     0s\n"
            "  [fd00::1]:5 -> nowhere yet\n"
            "and 12.0k more\n");
}

TEST(SessionsText, SaysThatThereAreNone) {
  EXPECT_EQ(sessions_text(parse_answer(R"({"sessions":[],"left_out":0})"), {}), "no sessions\n");
}

TEST(WhyText, TellsCausesTheirNumberAndPlace) {
  const auto why = parse_answer(
      R"({"link":"redis","state":"down","reason":"10.0.0.5:6379: no answer","since_ms":1699999940000,"opened":1,"closed":{"eof":3,"no_upstream":22},"failures":[
      {"first_ms":1699999400000,"last_ms":1699999997000,"count":22,"event":"session_failed","reason":"no_upstream",
      "error":"Connection refused","where":"10.0.0.5:6379"},
      {"first_ms":1699999990000,"last_ms":1699999990000,"count":1,"event":"link_unavailable","reason":"",
      "error":"no endpoint is up","where":"-"}]})");
  EXPECT_EQ(why_text(why, {}, 1700000000000),
            "redis is down for 1m: 10.0.0.5:6379: no answer\n"
            "1 session opened\n"
            "\n"
            "CLOSED BECAUSE OF  SESSIONS\n"
            "eof                       3\n"
            "no_upstream              22\n"
            "\n"
            "LAST     TIMES  SINCE\n"
            "3s ago      22    10m\n"
            "  session_failed: no_upstream, Connection refused, at 10.0.0.5:6379\n"
            "10s ago      1    10s\n"
            "  link_unavailable: no endpoint is up\n");
}

TEST(WhyText, SaysThatNothingWentWrong) {
  const auto why = parse_answer(R"({"link":"redis","state":"up","opened":0,"closed":{},"failures":[]})");
  EXPECT_EQ(why_text(why, {}, 0), "redis is up\n0 sessions opened\n\nnothing has gone wrong of late\n");
}

}  // namespace
}  // namespace amb
