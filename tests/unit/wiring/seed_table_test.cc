// SPDX-License-Identifier: Apache-2.0
//
// Everything the old image's one sed line met, right or wrong, with what is right: one row per case.
#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using test::Variables;
using Texts = std::vector<std::string>;

struct Seed {
  const char* because;
  Variables variables;
  Texts links;
  std::string problem;  ///< Part of the problem's text; empty if there must be none.
};

void PrintTo(const Seed& row, std::ostream* out) { *out << row.because; }

class SeedTable : public testing::TestWithParam<Seed> {};

TEST_P(SeedTable, HasTheRightOutcome) {
  const Seed& row = GetParam();
  const Findings findings = test::find(row.variables);
  EXPECT_EQ(test::links_of(findings), row.links) << row.because << "\n" << test::all_problems(findings);
  if (row.problem.empty()) {
    EXPECT_EQ(test::all_problems(findings), "") << row.because;
  } else {
    EXPECT_NE(test::all_problems(findings).find(row.problem), std::string::npos)
        << row.because << "\n"
        << test::all_problems(findings);
  }
}

const Seed kSeeds[] = {
    {"the plain form",
     {{"REDIS_PORT_6379_TCP", "tcp://192.168.1.52:6379"}},
     {"[::]:6379 > tcp://192.168.1.52:6379"},
     ""},
    {"the name's port listens, the value's is dialled",
     {{"REDIS_PORT_6379_TCP", "tcp://192.168.1.52:7000"}},
     {"[::]:6379 > tcp://192.168.1.52:7000"},
     ""},
    {"a name is dialled by name",
     {{"REDIS_PORT_6379_TCP", "tcp://redis.example.com:6379"}},
     {"[::]:6379 > tcp://redis.example.com:6379"},
     ""},
    {"the facts beside a link are no links",
     {{"A_NAME", "/me/a"},
      {"A_PORT", "tcp://10.0.0.1:80"},
      {"A_PORT_80_TCP", "tcp://10.0.0.1:80"},
      {"A_PORT_80_TCP_ADDR", "10.0.0.1"},
      {"A_PORT_80_TCP_PORT", "80"},
      {"A_PORT_80_TCP_PROTO", "tcp"},
      {"A_PORT_80_TCP_START", "tcp://10.0.0.1:80"},
      {"A_PORT_80_TCP_PORT_START", "80"},
      {"A_PORT_80_TCP_END", "tcp://10.0.0.1:81"},
      {"A_PORT_80_TCP_PORT_END", "81"}},
     {"[::]:80 > tcp://10.0.0.1:80"},
     ""},
    {"the last _PORT_ of the name counts",
     {{"MY_PORT_80_PORT_6379_TCP", "tcp://10.0.0.1:6379"}},
     {"[::]:6379 > tcp://10.0.0.1:6379"},
     ""},
    {"several links and ports side by side",
     {{"A_PORT_80_TCP", "tcp://10.0.0.1:80"},
      {"A_PORT_81_TCP", "tcp://10.0.0.1:81"},
      {"B_PORT_90_TCP", "tcp://10.0.0.2:90"}},
     {"[::]:80 > tcp://10.0.0.1:80", "[::]:81 > tcp://10.0.0.1:81", "[::]:90 > tcp://10.0.0.2:90"},
     ""},
    {"a trailing slash is part of the grammar",
     {{"A_PORT_80_TCP", "tcp://10.0.0.1:80/"}},
     {"[::]:80 > tcp://10.0.0.1:80"},
     ""},
    {"UDP alone is told, not dropped in silence",
     {{"DNS_PORT_53_UDP", "udp://10.0.0.1:53"}},
     {},
     "UDP is not supported yet"},
    {"UDP beside TCP does not stop the TCP link",
     {{"DNS_PORT_53_UDP", "udp://10.0.0.1:53"}, {"DNS_PORT_53_TCP", "tcp://10.0.0.1:53"}},
     {"[::]:53 > tcp://10.0.0.1:53"},
     ""},
    {"IPv6 in brackets",
     {{"A_PORT_6379_TCP", "tcp://[fd00::1]:6379"}},
     {"[::]:6379 > tcp://[fd00::1]:6379"},
     ""},
    {"bare IPv6 is split at the last colon",
     {{"A_PORT_6379_TCP", "tcp://fd00::1:6379"}},
     {"[::]:6379 > tcp://[fd00::1]:6379"},
     ""},
    {"no port: the name's", {{"A_PORT_80_TCP", "tcp://10.0.0.1"}}, {"[::]:80 > tcp://10.0.0.1:80"}, ""},
    {"no scheme: the name's", {{"A_PORT_80_TCP", "10.0.0.1:81"}}, {"[::]:80 > tcp://10.0.0.1:81"}, ""},
    {"the scheme in any case", {{"A_PORT_80_TCP", "TCP://10.0.0.1:80"}}, {"[::]:80 > tcp://10.0.0.1:80"}, ""},
    {"two links on one port name both",
     {{"A_PORT_80_TCP", "tcp://10.0.0.1:80"}, {"B_PORT_80_TCP", "tcp://10.0.0.2:80"}},
     {},
     "variable B_PORT_80_TCP: [::]:80 would lead to tcp://10.0.0.2:80, but variable A_PORT_80_TCP leads it "
     "to "
     "tcp://10.0.0.1:80"},
    {"Compose v1's three aliases are one link",
     {{"DB_PORT_80_TCP", "tcp://10.0.0.1:80"},
      {"DB_1_PORT_80_TCP", "tcp://10.0.0.1:80"},
      {"APP_DB_1_PORT_80_TCP", "tcp://10.0.0.1:80"}},
     {"[::]:80 > tcp://10.0.0.1:80"},
     ""},
    {"a copy of the linked ambassador's own variable is never followed",
     {{"DB_NAME", "/me/db"},
      {"DB_PORT_6379_TCP", "tcp://172.17.0.2:6379"},
      {"DB_ENV_REDIS_PORT_6379_TCP", "tcp://10.9.9.9:6379"}},
     {"[::]:6379 > tcp://172.17.0.2:6379"},
     ""},
    {"Kubernetes services open only when named",
     {{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443"}},
     {},
     "(1 service)"},
    {"a port above 65535 is no other port",
     {{"DB_PORT_99999_TCP", "tcp://10.0.0.1:80"}},
     {},
     "variable DB_PORT_99999_TCP: port 99999 is out of range in the name"},
    {"an empty number",
     {{"DB_PORT__TCP", "tcp://10.0.0.1:80"}},
     {},
     "variable DB_PORT__TCP: the port is empty in the name"},
    {"a linked image's variable is data, and a copy at that",
     {{"DB_ENV_FOO_TCP", "x; echo PWNED"}, {"DB_PORT_80_TCP", "tcp://10.0.0.1:80"}},
     {"[::]:80 > tcp://10.0.0.1:80"},
     ""},
    {"a command behind the value is refused",
     {{"DB_PORT_6379_TCP", "tcp://10.0.0.1:6379;cmd"}},
     {},
     "variable DB_PORT_6379_TCP: port '6379;cmd' is not a number"},
    {"a line end in the value is refused",
     {{"DB_PORT_6379_TCP", "tcp://10.0.0.1:6379\necho PWNED"}},
     {},
     "port '6379\\necho PWNED' is not a number"},
    {"an alias with a dot",
     {{"MY.DB_PORT_80_TCP", "tcp://10.0.0.1:80"}},
     {"[::]:80 > tcp://10.0.0.1:80"},
     ""},
    {"no link variable at all is an error that explains itself", {{"PATH", "/bin"}}, {}, "no link was found"},
};

INSTANTIATE_TEST_SUITE_P(Rows, SeedTable, testing::ValuesIn(kSeeds));

TEST(SeedTable, NoLinkAtAllNamesDocker29AndTheWaysOut) {
  const Findings findings = test::find({{"PATH", "/bin"}});
  ASSERT_EQ(findings.problems.size(), 1U);
  const Problem& problem = findings.problems.front();
  EXPECT_EQ(to_string(problem.origin), "environment");
  const std::string text = problem.what + " | " + problem.accepted;
  for (const auto* word : {"Docker 29", "DOCKER_KEEP_DEPRECATED_LEGACY_LINKS_ENV_VARS=1", "HOST PORT",
                           "NAME_PORT_<port>_TCP", "AMBASSADOR_PORTS"}) {
    EXPECT_NE(text.find(word), std::string::npos) << word;
  }
}

TEST(SeedTable, BothVariablesOfAConflictAreProblems) {
  const Findings findings =
      test::find({{"A_PORT_80_TCP", "tcp://10.0.0.1:80"}, {"B_PORT_80_TCP", "tcp://10.0.0.2:80"}});
  EXPECT_EQ(test::fate_of(findings, "A_PORT_80_TCP"),
            "problem: [::]:80 is also wanted by variable B_PORT_80_TCP");
  EXPECT_EQ(test::fate_of(findings, "B_PORT_80_TCP").substr(0, 8), "problem:");
}

TEST(SeedTable, ThreeAliasesKeepTheirThreeOrigins) {
  const Findings findings =
      test::find({{"DB_PORT_80_TCP", "tcp://10.0.0.1:80"}, {"DB_1_PORT_80_TCP", "10.0.0.1"}});
  ASSERT_EQ(findings.links.size(), 1U);
  EXPECT_EQ(findings.links[0].name, "db");
  EXPECT_EQ(findings.links[0].origins.size(), 2U);
  EXPECT_EQ(test::fate_of(findings, "DB_PORT_80_TCP"), "link");
  EXPECT_EQ(test::fate_of(findings, "DB_1_PORT_80_TCP"), "merged: the same link as variable DB_PORT_80_TCP");
}

}  // namespace
}  // namespace amb
