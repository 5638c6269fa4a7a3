// SPDX-License-Identifier: Apache-2.0
//
// The lines about sessions that wait, and links that lead back to us.
#include <gtest/gtest.h>

#include <functional>

#include "app/journal.h"
#include "unit/support/redirected.h"

namespace amb {
namespace {

const LinkTable kLimited({{.name = "redis"}});

std::string line_of_notice(const Notice& notice) {
  const test::Captured error(STDERR_FILENO);
  {
    Log log(LogFormat::json, LogLevel::debug);
    Journal(log, kLimited).notice(notice);
  }
  const std::vector<std::string> lines = error.lines();
  EXPECT_EQ(lines.size(), 1U);
  return lines.empty() ? "" : lines[0].substr(lines[0].find(R"("level")"));
}

TEST(JournalLimits, TellTheLinksFromTheProgrammes) {
  EXPECT_EQ(line_of_notice(SessionLimitReached{.link = 0, .open = 10, .most_of_link = 18}),
            R"("level":"warning","event":"accept_paused","link":"redis","reason":"link limit","sessions":18,)"
            R"("error":"the link has all the sessions that it may have; consumers wait in the backlog"})");
}

TEST(JournalLimits, NameTheEndpointThatLeadsBack) {
  const CompactAddress endpoint(*SocketAddress::from_ip("10.0.0.5", 6379));
  EXPECT_EQ(line_of_notice(LoopFound{.link = 0, .endpoint = endpoint, .sessions = 40}),
            R"("level":"error","event":"loop","link":"redis","endpoint":"10.0.0.5:6379","sessions":40,)"
            R"("error":"the link leads back to this ambassador over that endpoint",)"
            R"("consequence":"its sessions are reset"})");
}

TEST(JournalLimits, SayOfASessionThatItsLinkLeadsBack) {
  EXPECT_NE(line_of_notice(CloseRecord{.link = 0, .reason = CloseReason::no_upstream, .error = ELOOP})
                .find(R"("error":"the link leads back to this ambassador")"),
            std::string::npos);
}

}  // namespace
}  // namespace amb
