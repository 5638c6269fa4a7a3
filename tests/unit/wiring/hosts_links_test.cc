// SPDX-License-Identifier: Apache-2.0
//
// No variables, as Docker 29 and later leave it: links from the hosts file.
#include "wiring/hosts_links.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using test::Variables;
using Texts = std::vector<std::string>;

constexpr auto kBoilerplate =
    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
    "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n172.17.0.9\t3f2a9c1b7d10\n";

Findings find_in_hosts(const std::string& lines, Variables variables = {}) {
  WiringInput input = test::with_variables(std::move(variables));
  input.hosts_text = kBoilerplate + lines;
  return find_wiring(input);
}

TEST(HostsLinks, AreFoundByTheAliasAndFollowIt) {
  const Findings findings = find_in_hosts("172.17.0.2\tpostgres 9c1b dokku.postgres.db\n");
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:5432 > tcp://postgres:5432"});
  const Link& link = findings.links.at(0);
  EXPECT_EQ(link.name, "postgres");
  EXPECT_EQ(link.targets[0].name, "postgres");
  EXPECT_EQ(link.targets[0].fallback->to_string(), "172.17.0.2:5432");
  EXPECT_EQ(to_string(link.origins[0]), "/etc/hosts:8");
  ASSERT_EQ(findings.notes.size(), 1U);
  EXPECT_NE(findings.notes[0].find("postgres: port 5432 by the table of well-known ports"),
            std::string::npos);
}

TEST(HostsLinks, BothAddressesOfAnAliasAreOneTarget) {
  const Findings findings = find_in_hosts("172.17.0.2\tredis a b\nfd00::2\tredis a b\n");
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:6379 > tcp://redis:6379"});
  EXPECT_EQ(findings.links.at(0).targets.at(0).fallback->to_string(), "172.17.0.2:6379");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:9"), "merged: another line of the same host");
}

TEST(HostsLinks, ASecondLineOfAHostIsToldForEachOfItsPorts) {
  const Findings findings = find_in_hosts("172.17.0.2\ta\nfd00::2\ta\n", {{"AMBASSADOR_PORTS", "80,81"}});
  Texts told;
  for (const Candidate& candidate : findings.candidates)
    if (candidate.origin.name == "/etc/hosts:9") told.push_back(candidate.link);
  EXPECT_EQ(told, (Texts{"a:80", "a:81"}));
}

TEST(HostsLinks, SeveralAliasesOfOneContainerAreOneTarget) {
  const Findings findings =
      find_in_hosts("172.17.0.2\tdb a\n172.17.0.2\tdb_1 a\n", {{"AMBASSADOR_PORTS", "5432"}});
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:5432 > tcp://db:5432"});
}

TEST(HostsLinks, LeaveOutBoilerplateAndThisHost) {
  const Findings findings = find_in_hosts("172.17.0.9\tredis\n127.0.1.1\tpostgres\n0.0.0.0\tnats\n");
  EXPECT_EQ(findings.problems.size(), 1U);
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:1"), "ignored: a loopback address");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:3"), "ignored: in every hosts file");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:7"), "ignored: an address of this host");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:8"), "ignored: an address of this host");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:9"), "ignored: a loopback address");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:10"), "ignored: a loopback address");
}

TEST(HostsLinks, MayHaveTheNameThatThisHostHas) {
  WiringInput input = test::with_variables({});
  input.hostname = "redis";
  input.hosts_text = "172.17.0.2\tredis 9c1b\n172.17.0.9\tredis\n";
  const Findings findings = find_wiring(input);
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:6379 > tcp://redis:6379"});
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:2"), "ignored: an address of this host");
}

TEST(HostsLinks, AreToldWithTheirFirstLines) {
  std::string lines;
  for (int i = 1; i <= 200; ++i) lines += "172.17.0." + std::to_string(i + 9) + "\ta\n";
  const Findings findings = find_in_hosts(lines, {{"AMBASSADOR_PORTS", "80,81"}});
  ASSERT_EQ(findings.links.size(), 2U);
  EXPECT_EQ(findings.links[0].origins.size(), 64U);
  EXPECT_EQ(findings.links[1].origins.size(), 64U);
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:72"),
            "ignored: so many lines of one host are enough; its name has all addresses");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts"), "ignored: 43 more lines are passed over");
}

TEST(HostsLinks, WithoutAKnownPortAreIgnoredAndSaySo) {
  const Findings findings = find_in_hosts("172.17.0.2\tredis\n172.17.0.3\tmy-app\n");
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:6379 > tcp://redis:6379"});
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:9"),
            "ignored: no port is known for 'my-app'; AMBASSADOR_PORTS can say it");
}

TEST(HostsLinks, TakePortsFromTheSettingFirst) {
  EXPECT_EQ(test::links_of(find_in_hosts("172.17.0.2\tpostgres\n", {{"AMBASSADOR_PORTS", "6432,7432"}})),
            (Texts{"[::]:6432 > tcp://postgres:6432", "[::]:7432 > tcp://postgres:7432"}));
  EXPECT_EQ(
      test::links_of(find_in_hosts("172.17.0.2\tdb\n172.17.0.3\tredis\n", {{"AMBASSADOR_PORTS", "db:5432"}})),
      (Texts{"[::]:5432 > tcp://db:5432", "[::]:6379 > tcp://redis:6379"}));
}

TEST(HostsLinks, HaveSeveralPortsWhereTheImageHas) {
  EXPECT_EQ(test::links_of(find_in_hosts("172.17.0.2\tclickhouse\n")),
            (Texts{"[::]:9000 > tcp://clickhouse:9000", "[::]:8123 > tcp://clickhouse:8123"}));
}

TEST(HostsLinks, ThatWantOnePortAreAProblem) {
  const Findings findings = find_in_hosts("172.17.0.2\ta\n172.17.0.3\tb\n", {{"AMBASSADOR_PORTS", "80"}});
  EXPECT_EQ(test::problems_of(findings),
            Texts{"/etc/hosts:9: [::]:80 would lead to tcp://b:80, but /etc/hosts:8 leads it to tcp://a:80"});
}

TEST(HostsLinks, TheEnginesOwnNamesAreNoLinksUnlessAskedFor) {
  const auto* lines = "172.17.0.1\thost.docker.internal\n172.17.0.2\tdb\n";
  EXPECT_EQ(test::links_of(find_in_hosts(lines, {{"AMBASSADOR_PORTS", "80"}})),
            Texts{"[::]:80 > tcp://db:80"});
  EXPECT_EQ(test::links_of(find_in_hosts(lines, {{"AMBASSADOR_PORTS", "host.docker.internal:80"}})),
            Texts{"[::]:80 > tcp://host.docker.internal:80"});
}

TEST(HostsLinks, WrongSettingsAreProblems) {
  EXPECT_EQ(test::problems_of(
                find_in_hosts("172.17.0.2\tredis\n", {{"AMBASSADOR_PORTS", "0,x:1:2,postgres:70000"}}))
                .size(),
            3U);
  EXPECT_EQ(test::problems_of(find_in_hosts("172.17.0.2\tredis\n", {{"AMBASSADOR_PORTS", "postgres:5432"}})),
            Texts{"variable AMBASSADOR_PORTS: 'postgres' is no linked host in /etc/hosts"});
}

TEST(HostsLinks, AreOnlyAskedForWhereNothingElseGaveALink) {
  const Findings findings =
      find_in_hosts("172.17.0.2\tpostgres\n", {{"R_PORT_1_TCP", "r"}, {"AMBASSADOR_PORTS", "5432"}});
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:1 > tcp://r:1"});
  EXPECT_EQ(findings.notes.size(), 1U) << "that AMBASSADOR_PORTS is not used";
  EXPECT_EQ(find_in_hosts("172.17.0.2\tpostgres\n", {{"R_PORT_0_TCP", "r"}}).candidates.size(), 1U)
      << "nor beside a problem";
}

TEST(HostsLinks, StrangeNamesAndLinkLocalAddressesAreIgnored) {
  const Findings findings = find_in_hosts("169.254.1.1\tredis\n172.17.0.2\tre$dis\n172.17.0.3\t10.0.0.1\n",
                                          {{"AMBASSADOR_PORTS", "80"}});
  EXPECT_EQ(findings.links.size(), 0U);
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:8"), "ignored: link-local addresses are refused");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:9"), "ignored: its first name cannot be resolved");
  EXPECT_EQ(test::fate_of(findings, "/etc/hosts:10"), "ignored: its first name cannot be resolved");
}

}  // namespace
}  // namespace amb
