// SPDX-License-Identifier: Apache-2.0
#include "wiring/config_link.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"
#include "wiring/options.h"
#include "wiring/target_url.h"

namespace amb {
namespace {

using Texts = std::vector<std::string>;

/// `["h1:80", "h2:80", …]`
std::string array_of(std::size_t count, const std::string& before, const std::string& behind) {
  std::string text = "[";
  for (std::size_t i = 1; i <= count; ++i) text += '"' + before + std::to_string(i) + behind + "\",";
  return text + "]";
}

TEST(ConfigLink, HasSoManyTargetsAndNoMore) {
  const std::string head = "[links.a]\nlisten = 80\nupstream = ";
  EXPECT_EQ(test::find_in_file(head + array_of(kMostTargets, "h", ":80")).links.at(0).targets.size(),
            kMostTargets);
  EXPECT_EQ(test::problems_of(test::find_in_file(head + array_of(kMostTargets + 1, "h", ":80"))),
            Texts{"links.toml:3:12: there are 1001 targets"});
  EXPECT_EQ(test::problems_of(test::find_in_file(head + array_of(kMostTargets / 2 + 1, "h", ":80,i"))),
            Texts{"links.toml:3:12: there are 1002 targets"})
      << "those behind a comma count too";
}

TEST(ConfigLink, ListensAtSoManyAddressesAndNoMore) {
  const std::string tail = "\nupstream = 'h:1'\n";
  EXPECT_EQ(test::find_in_file("[links.a]\nlisten = " + array_of(kMostListen, "127.0.1.1:", "") + tail)
                .links.size(),
            1U);
  EXPECT_EQ(test::problems_of(test::find_in_file(
                "[links.a]\nlisten = " + array_of(kMostListen + 1, "127.0.1.1:", "") + tail)),
            Texts{"links.toml:2:10: listen has 257 addresses"});
}

TEST(ConfigLink, TakesLineEndsThatCameWithASecretForNoPartOfIt) {
  const Findings findings = test::find_in_file(
      "[links.a]\nlisten = 80\nupstream = \"h:1\\n\"\nhealth = 'redis'\nhealth_password = \"x\\r\\n\"\n"
      "[links.b]\nlisten = 81\nupstream = 'h:2'\nhealth = 'send-expect'\nhealth_send = \"PING\\r\\n\"\n"
      "health_expect = 'PONG'\n");
  ASSERT_EQ(findings.links.size(), 2U) << test::all_problems(findings);
  EXPECT_EQ(findings.links[0].options.health.password, "x");
  EXPECT_EQ(findings.links[1].options.health.send, "PING\r\n") << "bytes are taken as they are";
}

TEST(ConfigLink, TellsAHundredMistakesAndCountsTheOthers) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "[links.l" + std::to_string(i) + "]\nlisten = 'x:'\ncolour = 'red'\n";
  const Findings findings = test::find_in_file(text);
  EXPECT_EQ(findings.problems.size(), kMostTold);
  EXPECT_EQ(findings.problems.total(), 900U) << "a wrong listen, an unknown option and no upstream in each";
  EXPECT_EQ(findings.candidates.size(), 300U);
  EXPECT_EQ(findings.candidates.back().why, "3 problems not listed");
  EXPECT_EQ(listed(findings.problems).back().what, "and 800 more problems");
}

}  // namespace
}  // namespace amb
