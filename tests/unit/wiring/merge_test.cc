// SPDX-License-Identifier: Apache-2.0
#include "wiring/merge.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using test::find;
using Texts = std::vector<std::string>;

TEST(Merge, SpellingsOfOneTargetAreOneLink) {
  EXPECT_EQ(test::links_of(
                find({{"A_PORT_80_TCP", "tcp://[fd00::1]:80"}, {"B_PORT_80_TCP", "TCP://fd00:0::1:80/"}})),
            Texts{"[::]:80 > tcp://[fd00::1]:80"});
  EXPECT_EQ(test::links_of(find({{"A_PORT_80_TCP", "Redis"}, {"B_PORT_080_TCP", "tcp://redis:80"}})),
            Texts{"[::]:80 > tcp://redis:80"});
}

TEST(Merge, AThirdContradictionIsAProblemOfItsOwn) {
  EXPECT_EQ(find({{"A_PORT_80_TCP", "a"}, {"B_PORT_80_TCP", "b"}, {"C_PORT_80_TCP", "c"}}).problems.size(),
            2U);
}

TEST(Merge, OtherOptionsForTheSameTargetAreAProblem) {
  EXPECT_EQ(
      test::problems_of(find({{"A_PORT_80_TCP", "a?dead_peer=1s"}, {"B_PORT_80_TCP", "a"}})),
      Texts{"variable B_PORT_80_TCP: [::]:80 is wanted with other options than by variable A_PORT_80_TCP"});
}

TEST(Merge, AnotherOrderOfTargetsIsAnotherLink) {
  EXPECT_EQ(find({{"A_PORT_80_TCP", "a,b"}, {"B_PORT_80_TCP", "b,a"}}).problems.size(), 1U);
}

TEST(Merge, EveryIpv4AddressAndEveryAddressCollide) {
  EXPECT_EQ(find({{"A_PORT_80_TCP", "a"}, {"B_PORT_80_TCP", "b?listen=0.0.0.0"}}).problems.size(), 1U);
}

TEST(Merge, OneUnixSocketInTwoSpellingsIsAProblem) {
  const std::pair<const char*, const char*> kRows[] = {{"unix:///x", "unix:////./x"},
                                                       {"unix:@x", "unix://@x"}};
  for (const auto& [one, other] : kRows) {
    const auto findings = find({{"A_PORT_80_TCP", std::string("a?listen=") + one},
                                {"B_PORT_90_TCP", std::string("b?listen=") + other}});
    EXPECT_EQ(findings.problems.size(), 1U) << other;
  }
}

TEST(Merge, OneUnixPathForTwoTargetsIsAProblem) {
  EXPECT_EQ(find({{"A_PORT_80_TCP", "a?listen=unix:///x"}, {"B_PORT_90_TCP", "b?listen=unix:///x"}})
                .problems.size(),
            1U);
}

TEST(Merge, TwoAddressesShareAPortInPeace) {
  EXPECT_EQ(test::links_of(find({{"A_PORT_80_TCP", "a?listen=127.0.0.1"},
                                 {"B_PORT_80_TCP", "b?listen=127.0.0.2"},
                                 {"C_PORT_80_TCP", "c"}})),
            (Texts{"127.0.0.1:80 > tcp://a:80", "127.0.0.2:80 > tcp://b:80", "[::]:80 > tcp://c:80"}));
}

TEST(Merge, APortTakenByAListenOptionCollidesToo) {
  EXPECT_EQ(test::problems_of(find({{"A_PORT_80_TCP", "a?listen=[::]:90"}, {"B_PORT_90_TCP", "b"}})),
            Texts{"variable B_PORT_90_TCP: [::]:90 would lead to tcp://b:90, but variable A_PORT_80_TCP "
                  "leads it to tcp://a:80"});
}

Texts names_of(const Findings& findings) {
  EXPECT_EQ(test::problems_of(findings), Texts{});
  Texts names;
  for (const Link& link : findings.links) names.push_back(link.name);
  return names;
}

TEST(Merge, ALinkThatHasItsNameAloneKeepsItAsItIs) {
  EXPECT_EQ(names_of(find({{"REDIS_PORT_6379_TCP", "r:1"}, {"PG_PORT_5432_TCP", "p:1"}})),
            (Texts{"redis", "pg"}));
}

TEST(Merge, LinksOfOneNameAreToldApartByTheirPorts) {
  const Findings findings = find({{"REDIS_PORT_6379_TCP", "r:1"}, {"REDIS_PORT_6380_TCP", "r:2"}});
  EXPECT_EQ(names_of(findings), (Texts{"redis:6379", "redis:6380"}));
  for (const Candidate& candidate : findings.candidates) {
    EXPECT_EQ(candidate.link, "redis:" + candidate.origin.name.substr(11, 4)) << "candidates know it too";
  }
}

TEST(Merge, LinksOfOneNameAreToldApartByTheirPaths) {
  EXPECT_EQ(names_of(find({{"REDIS_PORT_6379_TCP", "r:1"}, {"REDIS_PORT_6380_TCP", "r:2?listen=unix:///x"}})),
            (Texts{"redis:6379", "redis:/x"}));
}

TEST(Merge, LinksOfOneNameAndPortAreToldApartByTheirAddresses) {
  EXPECT_EQ(names_of(find({{"REDIS_PORT_6379_TCP", "r:1?listen=127.0.0.1"},
                           {"REDIS_PORT_6380_TCP", "r:2?listen=127.0.0.2:6379"}})),
            (Texts{"redis:6379:127.0.0.1:6379", "redis:6379:127.0.0.2:6379"}));
}

}  // namespace
}  // namespace amb
