// SPDX-License-Identifier: Apache-2.0
#include "wiring/option_rules.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"
#include "wiring/target_url.h"

namespace amb {
namespace {

struct Together {
  const char* query;
  std::vector<std::string> complaints;
  const char* because;
};

void PrintTo(const Together& row, std::ostream* out) { *out << row.query; }

class TogetherWith : public testing::TestWithParam<Together> {};

TEST_P(TogetherWith, OptionsAreFineOrNamed) {
  const Together& row = GetParam();
  std::vector<std::string> expected;
  for (const auto& complaint : row.complaints)
    expected.push_back("variable X_PORT_80_TCP: option " + complaint);
  const Findings findings = test::find({{"X_PORT_80_TCP", std::string("tcp://a:80?") + row.query}});
  EXPECT_EQ(test::problems_of(findings), expected) << row.because;
  for (const auto& problem : findings.problems) EXPECT_NE(problem.accepted, "");
}

INSTANTIATE_TEST_SUITE_P(
    Checks, TogetherWith,
    testing::Values(
        Together{
            "health=tcp&health_interval=1s&health_port=81", {}, "every check has an interval and a place"},
        Together{"mode=0660", {"mode: the link listens on no UNIX path"}, "a port has no mode"},
        Together{"listen=unix:///x&mode=0660&owner=me&group=1000", {}, "but here"},
        Together{"listen=127.0.0.1&listen=unix:///x&mode=0660", {}, "one of several is enough"},
        Together{"listen=unix:@x&owner=me&group=1000",
                 {"owner: the link listens on no UNIX path", "group: the link listens on no UNIX path"},
                 "an abstract name has no file"},
        Together{"health_interval=1s", {"health_interval: nothing is checked"}, "no check"},
        Together{"on_down=cut", {"on_down: nothing is checked"}, "nothing would ever be found down"},
        Together{"health=tcp&on_down=cut", {}, "but here"},
        Together{"unavailable=refuse&on_down=cut", {}, "refuse implies a check"},
        Together{"health=none&health_rise=2", {"health_rise: nothing is checked"}, "the same, said in words"},
        Together{"health_user=me&health_send=x",
                 {"health_user: nothing is checked", "health_send: nothing is checked"},
                 "each is named"},
        Together{"health=http&health_status=204", {}, "a status is HTTP's"},
        Together{"health=tcp&health_status=204",
                 {"health_status: health=tcp does not use it"},
                 "and HTTP's alone"},
        Together{"health=redis&health_user=me&health_password=x", {}, "redis knows users"},
        Together{"health=redis-primary&health_password=x", {}, "with ROLE too"},
        Together{
            "health=postgres&health_user=me&health_password=x&health_database=d", {}, "so does postgres"},
        Together{"health=postgres-primary&health_database=d", {}, "with its databases"},
        Together{"health=redis&health_database=0",
                 {"health_database: health=redis does not use it"},
                 "redis has none"},
        Together{"health=mysql&health_user=me", {}, "mysql wants a name"},
        Together{"health=mysql&health_password=x",
                 {"health_password: health=mysql does not use it"},
                 "but no password"},
        Together{
            "health=tcp&health_user=me", {"health_user: health=tcp does not use it"}, "tcp says nothing"},
        Together{
            "health=http&health_password=x", {"health_password: health=http does not use it"}, "no login"},
        Together{"health=send-expect&health_send=a&health_expect=b", {}, "a question and its answer"},
        Together{"health=send-expect&health_expect=b", {}, "the server speaks first"},
        Together{"health=send-expect&health_banner=a&health_send=b&health_expect=c", {}, "all three"},
        Together{"health=tcp&health_banner=a",
                 {"health_banner: health=tcp does not use it"},
                 "only send-expect looks at it"},
        Together{"health=send-expect&health_send=a",
                 {"health: send-expect does not say what to expect"},
                 "anything would be an answer"},
        Together{"health=redis&health_expect=b",
                 {"health_expect: health=redis does not use it"},
                 "redis is known"}));

INSTANTIATE_TEST_SUITE_P(
    Refuse, TogetherWith,
    testing::Values(Together{"unavailable=refuse", {}, "turns a check on"},
                    Together{"unavailable=refuse&health_interval=1s", {}, "which has options like any other"},
                    Together{"unavailable=refuse&health=redis", {}, "or takes the one that is there"},
                    Together{"unavailable=refuse&health=none",
                             {"unavailable: while a link refuses, only a check can notice a recovery"},
                             "nobody would reopen it"},
                    Together{"unavailable=hold=5s&health=none", {}, "a session tries again by itself"}));

TEST(RefuseWithoutHealth, TurnsOnTheTcpCheckAndSaysWhy) {
  const Findings findings = test::find({{"X_PORT_80_TCP", "tcp://a:80?unavailable=refuse"}});
  const Link& link = findings.links.at(0);
  EXPECT_EQ(link.options.health.kind, HealthOptions::Kind::tcp);
  ASSERT_EQ(link.given.size(), 2U);
  EXPECT_EQ(link.given[0].name, "health");
  EXPECT_EQ(to_string(link.given[0].origin), "implied by unavailable=refuse");
  EXPECT_EQ(link.given[1].name, "unavailable");
  EXPECT_EQ(to_string(link.given[1].origin), "variable X_PORT_80_TCP");
}

TEST(HealthPort, IsOfNoUseToAUnixSocket) {
  const Findings findings =
      test::find({{"X_PORT_80_TCP", "tcp://a:80,unix:///run/x?health=tcp&health_port=81"}});
  EXPECT_EQ(
      test::problems_of(findings),
      std::vector<std::string>{"variable X_PORT_80_TCP: option health_port: a target of this link is a UNIX "
                               "socket, which has no port"});
}

}  // namespace
}  // namespace amb
