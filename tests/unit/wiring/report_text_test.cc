// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/text.h"
#include "unit/wiring/find.h"
#include "wiring/report.h"

namespace amb {
namespace {

TEST(ReportText, OfAGoodEnvironmentReadsFromLinksToCandidates) {
  WiringInput input = test::with_variables({{"REDIS_NAME", "/me/redis"},
                                            {"REDIS_PORT_6379_TCP", "tcp://172.17.0.2:6379"},
                                            {"REDIS_ENV_X_PORT_80_TCP", "tcp://secret:80"},
                                            {"WEB_PORT_80_TCP", "web?dead_peer=5s&listen=127.0.0.1"}});
  input.hosts_text = "172.17.0.2 redis\n";
  EXPECT_EQ(report_text(find_wiring(input), false),
            R"(2 links
  redis
    listens on [::]:6379
    leads to   tcp://redis:6379 (fallback 172.17.0.2:6379)
    from       variable REDIS_PORT_6379_TCP
  web
    listens on 127.0.0.1:80
    leads to   tcp://web:80
    from       variable WEB_PORT_80_TCP
    with       dead_peer=5s (variable WEB_PORT_80_TCP)

3 candidates considered
  link     variable REDIS_PORT_6379_TCP = tcp://172.17.0.2:6379
  ignored  variable REDIS_ENV_X_PORT_80_TCP
           a copy of another container's variable, never followed
  link     variable WEB_PORT_80_TCP = web?dead_peer=5s&listen=127.0.0.1
)");
}

/// One link of a file, and of its options one that is implied and one that stands behind a target.
WiringInput with_file() {
  WiringInput input = test::with_variables({});
  input.config = ConfigText{.path = "links.toml",
                            .text =
                                "[links.redis]\nlisten = ['unix:///run/redis', 6379]\n"
                                "upstream = 'srv://_redis._tcp.example?policy=random&dead_peer=1m'\n"
                                "unavailable = 'refuse'\nmax_ttl = 30\n",
                            .error = {}};
  return input;
}

TEST(ReportText, SaysWhereEachOptionComesFrom) {
  EXPECT_EQ(report_text(find_wiring(with_file()), false),
            R"(1 link
  redis
    listens on unix:///run/redis, 127.0.0.1:6379
    leads to   srv://_redis._tcp.example
    from       links.toml:1:8
    with       policy=random (links.toml:3:12)
               health=tcp (implied by unavailable=refuse)
               unavailable=refuse (links.toml:4:15)
               max_ttl=30s (links.toml:5:11)

1 candidate considered
  link     links.toml:1:8 = srv://_redis._tcp.example?policy=random&dead_peer=1m
)");
}

TEST(ReportText, GathersOptionsOfOneOrigin) {
  const std::string text = report_text(
      test::find({{"A_PORT_80_TCP", "a?policy=random&health=redis&health_password=hunter2"}}), false);
  EXPECT_NE(text.find("    with       policy=random, health=redis, health_password=*** (variable\n"
                      "               A_PORT_80_TCP)\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
}

TEST(ReportText, InFullHasALineForEveryOption) {
  const std::string text = report_text(find_wiring(with_file()), false, Detail::all_options);
  EXPECT_NE(text.find("    with       mode= (default)\n"
                      "               owner= (default)\n"
                      "               group= (default)\n"
                      "               policy=random (links.toml:3:12)\n"
                      "               connect_timeout=1s (default)\n"
                      "               connect_total=3s (default)\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("               dead_peer=1m (links.toml:3:12)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("               health_user= (default)\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("listen="), std::string::npos);
}

TEST(ReportText, EscapesANameOnce) {
  const std::string text = report_text(test::find({{"A\n_PORT_80_TCP", "a"}}), false);
  EXPECT_NE(text.find("\n  a\\n\n"), std::string::npos) << text;
}

TEST(ReportText, OfAProblemSaysWhatWouldBeAccepted) {
  EXPECT_EQ(report_text(test::find({{"DB_PORT_99999_TCP", "tcp://db"}}), false),
            R"(1 candidate considered
  problem  variable DB_PORT_99999_TCP = tcp://db
           port 99999 is out of range in the name

1 problem; nothing would be opened
  ! variable DB_PORT_99999_TCP = tcp://db
    problem   port 99999 is out of range in the name
    accepted  a port from 1 to 65535
)");
}

TEST(ReportText, FitsEightyColumns) {
  for (const auto& findings :
       {test::find({}),
        test::find({{"A_PORT_80_TCP", "a b c"}, {"B_PORT_1_UDP", "x"}, {"B_PORT_1_TCP", "?x=1"}}),
        test::find({{"KUBERNETES_PORT_443_TCP", "tcp://10.0.0.1:443"}})}) {
    for (const auto line : split(report_text(findings, false), '\n')) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(ReportText, InColourHasTheSameWords) {
  const Findings findings = test::find({{"A_PORT_80_TCP", "a"}, {"B_PORT_0_TCP", "b"}});
  std::string coloured = report_text(findings, true);
  EXPECT_NE(coloured.find("\x1b["), std::string::npos);
  for (auto at = coloured.find('\x1b'); at != std::string::npos; at = coloured.find('\x1b')) {
    coloured.erase(at, coloured.find('m', at) - at + 1);
  }
  EXPECT_EQ(coloured, report_text(findings, false));
}

}  // namespace
}  // namespace amb
