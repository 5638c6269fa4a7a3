// SPDX-License-Identifier: Apache-2.0
//
// Whatever the environment holds: no crash, links or a problem, and reports that are harmless lines.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "unit/wiring/find.h"
#include "wiring/report.h"
#include "wiring/settings.h"

namespace amb {
namespace {

constexpr std::array<const char*, 53> kPieces = {"A",
                                                 "DB",
                                                 "_PORT_",
                                                 "_PORT",
                                                 "_TCP",
                                                 "_UDP",
                                                 "_SCTP",
                                                 "_ENV_",
                                                 "_NAME",
                                                 "_ADDR",
                                                 "80",
                                                 "0",
                                                 "65536",
                                                 "tcp://",
                                                 "udp://",
                                                 "unix://",
                                                 "/x",
                                                 "[",
                                                 "]",
                                                 ":",
                                                 "::1",
                                                 "fd00::1",
                                                 "10.0.0.",
                                                 "1",
                                                 "redis",
                                                 ".",
                                                 ",",
                                                 "?",
                                                 "&",
                                                 "=",
                                                 "listen",
                                                 "%",
                                                 "%zz",
                                                 "dead_peer=",
                                                 "health=",
                                                 "redis-primary",
                                                 "http:///",
                                                 "health_password=",
                                                 "unavailable=",
                                                 "refuse",
                                                 "srv://_redis._tcp.",
                                                 "1s",
                                                 "/me/",
                                                 "$(id)",
                                                 ";",
                                                 "\n",
                                                 "\xff",
                                                 "\x1b",
                                                 " ",
                                                 "a",
                                                 "_SERVICE_HOST",
                                                 "AMBASSADOR_LINKS",
                                                 "AMBASSADOR_PORTS"};

class RandomText {
 public:
  explicit RandomText(unsigned seed) : random_(seed) {}

  std::string text() {
    std::string result;
    for (auto count = random_() % 8; count > 0; --count) result += kPieces[random_() % kPieces.size()];
    return result;
  }

  /// Mostly of the shape that is looked at.
  std::string name() { return random_() % 2 == 0 ? text() : text() + "_PORT_" + text() + "_TCP"; }

  WiringInput input() {
    WiringInput input = test::with_variables({});
    for (auto count = random_() % 5; count > 0; --count) input.environment.emplace_back(name(), text());
    for (auto count = random_() % 3; count > 0; --count) input.arguments.push_back(text());
    for (auto count = random_() % 3; count > 0; --count) input.hosts_text += "10.0.0.1\t" + text() + "\n";
    return input;
  }

 private:
  std::mt19937 random_;
};

class RandomEnvironment : public testing::TestWithParam<unsigned> {};

TEST_P(RandomEnvironment, GivesWholeLinksOrProblems) {
  RandomText random(GetParam());
  for (int round = 0; round < 2000; ++round) {
    const WiringInput input = random.input();
    Findings findings = find_wiring(input);
    read_settings(input.environment, findings.problems);
    EXPECT_FALSE(findings.links.empty() && findings.problems.empty());
    for (const auto& link : findings.links) {
      EXPECT_FALSE(link.name.empty() || link.listen.empty() || link.targets.empty() || link.origins.empty());
      for (const auto& target : link.targets) EXPECT_NE(target.name.empty(), !target.address.has_value());
    }
    for (const auto& problem : findings.problems)
      EXPECT_FALSE(problem.what.empty() || problem.accepted.empty());
    const std::string report = report_text(findings, false) + report_json(findings);
    EXPECT_EQ(report.find_first_of("\x1b\xff\t\r"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomEnvironment, testing::Range(1U, 6U));

}  // namespace
}  // namespace amb
