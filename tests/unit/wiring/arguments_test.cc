// SPDX-License-Identifier: Apache-2.0
#include "wiring/arguments.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using Texts = std::vector<std::string>;

struct HostPortRow {
  const char* host;
  const char* port;
  const char* link;
  const char* name;
};

void PrintTo(const HostPortRow& row, std::ostream* out) { *out << row.host << " " << row.port; }

class HostAndPort : public testing::TestWithParam<HostPortRow> {};

TEST_P(HostAndPort, ListensOnThePortAndLeadsToTheHost) {
  const auto& row = GetParam();
  const Findings findings = test::find_from_arguments({row.host, row.port});
  EXPECT_EQ(test::links_of(findings), Texts{row.link}) << test::all_problems(findings);
  ASSERT_FALSE(findings.links.empty());
  EXPECT_EQ(findings.links[0].name, row.name);
  EXPECT_EQ(findings.candidates.at(0).value, std::string(row.host) + " " + row.port);
}

INSTANTIATE_TEST_SUITE_P(
    Spellings, HostAndPort,
    testing::Values(HostPortRow{"redis", "6379", "[::]:6379 > tcp://redis:6379", "redis"},
                    HostPortRow{"Redis.Example.Com", "6379", "[::]:6379 > tcp://redis.example.com:6379",
                                "redis.example.com"},
                    HostPortRow{"10.0.0.1", "80", "[::]:80 > tcp://10.0.0.1:80", "port_80"},
                    HostPortRow{"[fd00::1]", "80", "[::]:80 > tcp://[fd00::1]:80", "port_80"},
                    HostPortRow{"fd00::1", "80", "[::]:80 > tcp://[fd00::1]:80", "port_80"},
                    HostPortRow{"fd00::1:6379", "80", "[::]:80 > tcp://[fd00::1:6379]:80", "port_80"}));

TEST(HostAndPort, BothWrongAreTwoProblems) {
  EXPECT_EQ(test::problems_of(test::find_from_arguments({"$(id)", "0"})),
            (Texts{"argument 1: host '$(id)' holds '$('", "argument 2: port 0 is out of range"}));
  EXPECT_EQ(test::problems_of(test::find_from_arguments({"6379", "redis"})).size(), 2U)
      << "the wrong way round";
  EXPECT_EQ(test::problems_of(test::find_from_arguments({"169.254.169.254", "80"})),
            Texts{"argument 1: link-local addresses are refused"});
}

TEST(HostAndPort, IsAllThatCounts) {
  const Findings findings =
      test::find_from_arguments({"redis", "6379"}, {{"A_PORT_80_TCP", "a"}, {"B_PORT_0_TCP", "$"}});
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:6379 > tcp://redis:6379"});
  EXPECT_EQ(test::fate_of(findings, "A_PORT_80_TCP"),
            "ignored: HOST PORT was given, and then only that counts");
  EXPECT_EQ(test::fate_of(findings, "B_PORT_0_TCP"),
            "ignored: HOST PORT was given, and then only that counts");
}

TEST(Assignments, HaveTheGrammarOfVariables) {
  EXPECT_EQ(test::links_of(
                test::find_from_arguments({"A_PORT_80_TCP=tcp://a:81?listen=127.0.0.1", "b_port_90_tcp=b"})),
            (Texts{"127.0.0.1:80 > tcp://a:81", "[::]:90 > tcp://b:90"}));
}

TEST(Assignments, AreNeverTakenForCopiesOrServices) {
  EXPECT_EQ(test::links_of(test::find_from_arguments({"DB_ENV_X_PORT_80_TCP=a"})),
            Texts{"[::]:80 > tcp://a:80"});
  EXPECT_EQ(test::links_of(test::find_from_arguments({"KUBERNETES_PORT_443_TCP=a"})),
            Texts{"[::]:443 > tcp://a:443"});
}

TEST(Assignments, ThatAreNoLinksAreProblems) {
  for (const auto* word : {"A=b", "=", "=x", "A_PORT_80=tcp://a:80", "A_PORT_80_TCP_ADDR=10.0.0.1",
                           "A_PORT_X_TCP=a", "redis=tcp://a:80"}) {
    EXPECT_EQ(test::find_from_arguments({word}).problems.size(), 1U) << word;
  }
}

TEST(Arguments, OfAnyOtherNumberAreProblemsThatSayWhatWouldDo) {
  for (const auto& words : std::vector<Texts>{
           {"redis"}, {"redis", "6379", "6380"}, {"redis:6379"}, {"redis", "A_PORT_80_TCP=a"}, {""}}) {
    const Findings findings = test::find_from_arguments(words);
    EXPECT_EQ(test::links_of(findings), Texts{});
    ASSERT_FALSE(findings.problems.empty()) << words[0];
    EXPECT_EQ(to_string(findings.problems[0].origin), "argument 1");
    EXPECT_NE(findings.problems[0].accepted.find("HOST PORT"), std::string::npos);
  }
}

TEST(Arguments, WinOverVariablesOnTheSamePort) {
  const Findings findings = test::find_from_arguments(
      {"A_PORT_80_TCP=arg"}, {{"B_PORT_80_TCP", "tcp://b:80"}, {"C_PORT_90_TCP", "tcp://c:90"}});
  EXPECT_EQ(test::links_of(findings), (Texts{"[::]:80 > tcp://arg:80", "[::]:90 > tcp://c:90"}));
  EXPECT_EQ(test::fate_of(findings, "B_PORT_80_TCP"), "ignored: argument 1 claims the same port");
}

TEST(Arguments, WinEvenWhereVariablesContradictEachOther) {
  EXPECT_EQ(test::links_of(test::find_from_arguments({"A_PORT_80_TCP=arg"},
                                                     {{"B_PORT_80_TCP", "b"}, {"C_PORT_80_TCP", "c"}})),
            Texts{"[::]:80 > tcp://arg:80"});
}

TEST(Arguments, ThatSayTheSameAsAVariableAreOneLinkWithIt) {
  const Findings findings =
      test::find_from_arguments({"A_PORT_80_TCP=a"}, {{"A_PORT_80_TCP", "tcp://a:80/"}});
  EXPECT_EQ(test::fate_of(findings, "A_PORT_80_TCP"), "merged: the same link as argument 1");
}

}  // namespace
}  // namespace amb
