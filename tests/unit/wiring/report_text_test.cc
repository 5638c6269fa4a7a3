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
    with       dead_peer=5s

3 candidates considered
  link     variable REDIS_PORT_6379_TCP = tcp://172.17.0.2:6379
  ignored  variable REDIS_ENV_X_PORT_80_TCP
           a copy of another container's variable, never followed
  link     variable WEB_PORT_80_TCP = web?dead_peer=5s&listen=127.0.0.1
)");
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
