// SPDX-License-Identifier: Apache-2.0
//
// How the sources play together; each source has a file of its own.
#include "wiring/wiring.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using test::Variables;
using Texts = std::vector<std::string>;

const Variables kDockerLink = {{"REDIS_NAME", "/me/redis"},
                               {"REDIS_PORT_6379_TCP", "tcp://172.17.0.2:6379"},
                               {"REDIS_PORT_6379_TCP_ADDR", "172.17.0.2"}};

Findings find_beside(const std::string& hosts, Variables variables) {
  WiringInput input = test::with_variables(std::move(variables));
  input.hosts_text = hosts;
  return find_wiring(input);
}

TEST(FollowAlias, DialsTheAliasAndKeepsTheAddressAsFallback) {
  const Findings findings = find_beside("172.17.0.5\tredis 9c1b other\n", kDockerLink);
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:6379 > tcp://redis:6379"});
  const Target& target = findings.links.at(0).targets.at(0);
  EXPECT_EQ(target.name, "redis");
  EXPECT_FALSE(target.address);
  EXPECT_EQ(target.fallback->to_string(), "172.17.0.2:6379");
}

TEST(FollowAlias, DialsTheAddressWhenTheHostsFileDoesNotKnowTheAlias) {
  EXPECT_EQ(test::links_of(find_beside("172.17.0.5\tother\n", kDockerLink)),
            Texts{"[::]:6379 > tcp://172.17.0.2:6379"});
}

/// With a hosts file that answers EIO.
Problems problems_without_hosts(Variables variables) {
  WiringInput input = test::with_variables(std::move(variables));
  input.hosts_error = "Input/output error";
  return find_wiring(input).problems;
}

TEST(UnreadHostsFile, IsAProblemWhereItDecidesAndIsNotNeededElsewhere) {
  EXPECT_EQ(problems_without_hosts(kDockerLink)[0].what, "the hosts file cannot be read: Input/output error");
  EXPECT_EQ(problems_without_hosts({{"AMBASSADOR_PORTS", "6379"}})[0].origin.name, "/etc/hosts");
  EXPECT_TRUE(problems_without_hosts({{"REDIS_PORT_6379_TCP", "tcp://172.17.0.2:6379"}}).empty());
}

TEST(FollowAlias, DialsTheAddressThatWasSetByHandOverALink) {
  Variables variables = kDockerLink;
  variables[1].second = "tcp://192.168.1.52:6379";
  EXPECT_EQ(test::links_of(find_beside("172.17.0.2\tredis\n", variables)),
            Texts{"[::]:6379 > tcp://192.168.1.52:6379"});
}

TEST(FollowAlias, LeavesSeveralTargetsAsTheyWereWritten) {
  Variables variables = {{"REDIS_NAME", "/me/redis"}, {"REDIS_PORT_6379_TCP", "10.0.0.1,10.0.0.2"}};
  EXPECT_EQ(test::links_of(find_beside("10.0.0.1\tredis\n", variables)),
            Texts{"[::]:6379 > tcp://10.0.0.1:6379,tcp://10.0.0.2:6379"});
}

TEST(FollowAlias, JoinsTheAliasesOfOneContainerFirst) {
  const Variables variables = {{"DB_NAME", "/me/db"},
                               {"DB_PORT_80_TCP", "tcp://172.17.0.2:80"},
                               {"DB_1_NAME", "/me/db_1"},
                               {"DB_1_PORT_80_TCP", "tcp://172.17.0.2:80"}};
  EXPECT_EQ(test::links_of(find_beside("172.17.0.2\tdb_1 a\n172.17.0.2\tdb a\n", variables)),
            Texts{"[::]:80 > tcp://db:80"});
  EXPECT_EQ(test::links_of(find_beside("172.17.0.2\tdb_1 a\n", variables)), Texts{"[::]:80 > tcp://db_1:80"});
}

TEST(FindWiring, TakesTheWholeDockerExample) {
  const Findings findings = test::find({{"DB_NAME", "/web/db"},
                                        {"DB_PORT", "tcp://172.17.0.2:6379"},
                                        {"DB_PORT_6379_TCP", "tcp://172.17.0.2:6379"},
                                        {"DB_PORT_6379_TCP_ADDR", "172.17.0.2"},
                                        {"DB_PORT_6379_TCP_PORT", "6379"},
                                        {"DB_PORT_6379_TCP_PROTO", "tcp"},
                                        {"DB_PORT_6379_TCP_START", "tcp://172.17.0.2:6379"},
                                        {"DB_PORT_6379_TCP_PORT_START", "6379"},
                                        {"DB_PORT_6379_TCP_END", "tcp://172.17.0.2:6381"},
                                        {"DB_PORT_6379_TCP_PORT_END", "6381"},
                                        {"DB_PORT_6380_TCP", "tcp://172.17.0.2:6380"},
                                        {"DB_PORT_6381_TCP", "tcp://172.17.0.2:6381"},
                                        {"DB_PORT_6300_UDP", "udp://172.17.0.2:6300"},
                                        {"DB_ENV_REDIS_VERSION", "7.2"}});
  EXPECT_EQ(test::links_of(findings),
            (Texts{"[::]:6379 > tcp://172.17.0.2:6379", "[::]:6380 > tcp://172.17.0.2:6380",
                   "[::]:6381 > tcp://172.17.0.2:6381"}));
  EXPECT_EQ(test::fate_of(findings, "DB_PORT_6300_UDP"), "ignored: not yet: UDP");
  EXPECT_EQ(findings.candidates.size(), 4U);
}

TEST(FindWiring, OnlyProtocolsToComeIsAProblemThatSaysSo) {
  EXPECT_EQ(test::problems_of(test::find({{"A_PORT_1_SCTP", "sctp://a:1"}})),
            Texts{"environment: nothing but 1 link of other protocols was found, and SCTP is not supported"});
  EXPECT_EQ(
      test::problems_of(test::find_from_arguments({"A_PORT_1_UDP=udp://a:1", "B_PORT_1_SCTP=b"})),
      Texts{"environment: nothing but 2 links of other protocols was found, and UDP is not supported yet"});
}

TEST(FindWiring, NamesTheSourceOfEveryText) {
  EXPECT_EQ(to_string(Origin{Origin::Kind::argument, "argument 1"}), "argument 1");
  EXPECT_EQ(to_string(Origin{Origin::Kind::variable, "REDIS_PORT_6379_TCP"}), "variable REDIS_PORT_6379_TCP");
  EXPECT_EQ(to_string(Origin{Origin::Kind::hosts_file, "/etc/hosts:9"}), "/etc/hosts:9");
  EXPECT_EQ(to_string(Origin{Origin::Kind::variable, "environment"}), "environment");
}

TEST(FindWiring, GivesLinksTheNameOfTheirPrefixInLowerCase) {
  EXPECT_EQ(test::find({{"MY_DB.1_PORT_80_TCP", "a"}}).links.at(0).name, "my_db.1");
}

}  // namespace
}  // namespace amb
