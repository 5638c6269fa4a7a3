// SPDX-License-Identifier: Apache-2.0
//
// A pod sees every service of its namespace. Nothing of that opens unless AMBASSADOR_LINKS names it.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using test::Variables;
using Texts = std::vector<std::string>;

/// What the kubelet sets for one service with one port.
void add_service(Variables& variables, const std::string& name, const std::string& ip,
                 const std::string& port) {
  const std::string link = name + "_PORT_" + port + "_TCP";
  const std::string url = "tcp://" + ip + ":" + port;
  variables.insert(variables.end(), {{name + "_SERVICE_HOST", ip},
                                     {name + "_SERVICE_PORT", port},
                                     {name + "_SERVICE_PORT_" + port + "_TCP", port},
                                     {name + "_PORT", url},
                                     {link, url},
                                     {link + "_PROTO", "tcp"},
                                     {link + "_PORT", port},
                                     {link + "_ADDR", ip}});
}

Variables pod() {
  Variables variables;
  add_service(variables, "KUBERNETES", "10.96.0.1", "443");
  for (int i = 1; i < 300; ++i) {
    add_service(variables, "SVC_" + std::to_string(i),
                "10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1),
                std::to_string(7000 + i));
  }
  return variables;
}

Variables pod_with(const std::string& name, const std::string& value) {
  Variables variables = pod();
  variables.emplace_back(name, value);
  return variables;
}

TEST(KubernetesPod, With300ServicesOpensNothingAndHintsAtTheAllowList) {
  const Findings findings = test::find(pod());
  EXPECT_EQ(test::links_of(findings), Texts{});
  ASSERT_EQ(findings.problems.size(), 1U);
  EXPECT_NE(findings.problems[0].what.find("300 services"), std::string::npos) << findings.problems[0].what;
  EXPECT_NE(findings.problems[0].accepted.find("AMBASSADOR_LINKS"), std::string::npos);
  EXPECT_TRUE(std::ranges::all_of(findings.candidates, [](const Candidate& candidate) {
    return candidate.fate == Candidate::Fate::ignored && !candidate.why.empty();
  }));
}

TEST(KubernetesPod, OpensExactlyTheNamedServices) {
  EXPECT_EQ(test::links_of(test::find(pod_with("AMBASSADOR_LINKS", "svc-7, SVC_250"))),
            (Texts{"[::]:7007 > tcp://10.0.0.8:7007", "[::]:7250 > tcp://10.0.1.51:7250"}));
}

TEST(KubernetesPod, OpensTheApiServerOnlyIfNamed) {
  EXPECT_EQ(test::links_of(test::find(pod_with("AMBASSADOR_LINKS", "kubernetes"))),
            Texts{"[::]:443 > tcp://10.96.0.1:443"});
}

TEST(KubernetesPod, ANameThatMatchesNothingIsAProblem) {
  EXPECT_EQ(test::problems_of(test::find(pod_with("AMBASSADOR_LINKS", "svc-7,svc-700"))),
            Texts{"variable AMBASSADOR_LINKS: 'svc-700' is no link of this environment"});
}

TEST(KubernetesPod, AnEmptyAllowListIsNone) {
  EXPECT_NE(test::all_problems(test::find(pod_with("AMBASSADOR_LINKS", ""))).find("300 services"),
            std::string::npos);
}

TEST(KubernetesPod, AVariableSetByHandOpensWithoutAnyList) {
  EXPECT_EQ(test::links_of(test::find(pod_with("MINE_PORT_80_TCP", "tcp://example.com:80"))),
            Texts{"[::]:80 > tcp://example.com:80"});
}

TEST(KubernetesPod, AnArgumentOpensWithoutAnyList) {
  EXPECT_EQ(test::links_of(test::find_from_arguments({"MINE_PORT_80_TCP=tcp://example.com:80"}, pod())),
            Texts{"[::]:80 > tcp://example.com:80"});
  EXPECT_EQ(test::links_of(test::find_from_arguments({"example.com", "80"}, pod())),
            Texts{"[::]:80 > tcp://example.com:80"});
}

TEST(KubernetesPod, TheNumberOfANamedPortIsNoLink) {
  const Findings findings = test::find(pod_with("AMBASSADOR_LINKS", "svc-7"));
  EXPECT_EQ(test::fate_of(findings, "SVC_7_SERVICE_PORT_7007_TCP"),
            "ignored: the number of a named Kubernetes port, not a link");
}

TEST(KubernetesPod, NeverAsksTheHostsFile) {
  WiringInput input = test::with_variables({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}});
  input.hosts_text = "10.0.0.5\tredis\n";
  const Findings findings = find_wiring(input);
  EXPECT_TRUE(findings.candidates.empty());
  EXPECT_EQ(findings.problems.size(), 1U);
}

TEST(KubernetesPod, BothSpellingsOfAnIpv6ServiceAreOneLink) {
  const Variables variables = {{"A_SERVICE_HOST", "fd00::1"},
                               {"A_PORT_80_TCP", "tcp://[fd00::1]:80"},
                               {"a_PORT_80_TCP", "tcp://fd00::1:80"},
                               {"AMBASSADOR_LINKS", "a"}};
  EXPECT_EQ(test::links_of(test::find(variables)), Texts{"[::]:80 > tcp://[fd00::1]:80"});
}

TEST(AllowList, HoldsForDockersLinksToo) {
  const Findings findings =
      test::find({{"A_PORT_80_TCP", "tcp://a:80"}, {"B_PORT_90_TCP", "oops$"}, {"AMBASSADOR_LINKS", "a"}});
  EXPECT_EQ(test::links_of(findings), Texts{"[::]:80 > tcp://a:80"});
  EXPECT_EQ(test::fate_of(findings, "B_PORT_90_TCP"), "ignored: not named in AMBASSADOR_LINKS");
}

TEST(AllowList, DoesNotHoldForArguments) {
  EXPECT_EQ(test::links_of(test::find_from_arguments({"B_PORT_90_TCP=b"},
                                                     {{"A_PORT_80_TCP", "a"}, {"AMBASSADOR_LINKS", "a"}})),
            (Texts{"[::]:90 > tcp://b:90", "[::]:80 > tcp://a:80"}));
}

}  // namespace
}  // namespace amb
