// SPDX-License-Identifier: Apache-2.0
#include "app/control_desk.h"

#include <gtest/gtest.h>

#include "app/version.h"
#include "unit/app/at_the_control_desk.h"

namespace amb {
namespace {

using namespace test;

using ControlDeskTest = AtTheControlDesk;

TEST_F(ControlDeskTest, SaysHowTheProgramIs) {
  const TcpPair session = living_.opens_session(a_, first_);
  const ProgramStatus status = ask(desk_.status());
  EXPECT_EQ(status.version, kVersion);
  EXPECT_EQ(status.pid, ::getpid());
  EXPECT_EQ(status.state, "ready");
  EXPECT_EQ(status.workers, 2U);
  EXPECT_EQ(status.sessions, 1U);
  EXPECT_EQ(status.most_sessions, 100U);
  EXPECT_EQ(status.generation, 1U);
  EXPECT_EQ(status.config, "/etc/links.toml");
  EXPECT_EQ(status.links.size(), 2U);
  desk_.set_stopping();
  EXPECT_EQ(ask(desk_.status()).state, "stopping");
}

TEST_F(ControlDeskTest, AddsUpWhatItsWorkersSayOfALink) {
  constexpr std::size_t kSessions = 8;  // enough for both workers
  std::vector<TcpPair> open;
  for (std::size_t i = 0; i < kSessions; ++i) open.push_back(living_.opens_session(a_, first_));
  open.pop_back();
  EXPECT_TRUE(
      living_.supervisor().run_until([&] { return living_.supervisor()->open_sessions() == kSessions - 1; }));
  const LinkStatus link = ask(desk_.status()).links.at(0);
  EXPECT_EQ(link.name, "a");
  EXPECT_EQ(link.state, "up");
  EXPECT_EQ(link.listen, std::vector<std::string>{a_.to_string()});
  EXPECT_EQ(link.from, std::vector<std::string>{"links.toml:1:8"});
  EXPECT_EQ(link.sessions, kSessions - 1);
  EXPECT_EQ(link.opened, kSessions);
  EXPECT_EQ(link.bytes_to_downstream, 5 * kSessions) << "each was told hello";
  ASSERT_EQ(link.closed.size(), 1U);
  EXPECT_EQ(link.closed[0].second, 1U);
  ASSERT_EQ(link.endpoints.size(), 1U);
  EXPECT_EQ(link.endpoints[0].address, first_.address().to_string());
  EXPECT_EQ(link.endpoints[0].health, "unchecked");
  EXPECT_EQ(link.endpoints[0].sessions, kSessions - 1);
}

TEST_F(ControlDeskTest, SaysWhereARewiredLinkShouldLead) {
  EXPECT_TRUE(ask(desk_.status()).links.at(0).declared.empty());
  ASSERT_TRUE(ask(desk_.rewire({.link = "a", .upstream = {second_.address().to_string()}})));
  const LinkStatus link = ask(desk_.status()).links.at(0);
  EXPECT_EQ(link.upstream, std::vector<std::string>{"tcp://" + second_.address().to_string()});
  EXPECT_EQ(link.declared, std::vector<std::string>{"tcp://" + first_.address().to_string()});
}

TEST_F(ControlDeskTest, SaysWhatWentWrongWithALinkOfLate) {
  const SocketAddress nobody = free_address();
  ASSERT_TRUE(living_.reload(link_text("a", a_, nobody)));
  const Connected consumer = connect_to(a_);
  EXPECT_TRUE(living_.supervisor().run_until([&] { return !events_.failures("a").empty(); }));
  const WhyAnswer why = ask(desk_.why("a")).value();
  EXPECT_EQ(why.opened, 1U);
  ASSERT_EQ(why.failures.size(), 1U);
  EXPECT_EQ(why.failures[0].reason, "connect_refused");
  EXPECT_EQ(why.failures[0].where, nobody.to_string());
  ASSERT_EQ(why.closed.size(), 1U);
  EXPECT_EQ(why.closed[0].first, "connect_refused");
  EXPECT_EQ(ask(desk_.why("c")).error().status, 404);
}

TEST_F(ControlDeskTest, IsNotReadyWhenItStops) {
  desk_.set_stopping();
  EXPECT_FALSE(ask(desk_.readiness("")).value().is_ready);
  EXPECT_EQ(ask(desk_.readiness("")).value().state, "stopping");
}

TEST_F(ControlDeskTest, SaysTheWiringInForceWithoutPasswords) {
  ASSERT_TRUE(ask(desk_.rewire(
      {.link = "a", .upstream = {second_.address().to_string() + "?health=redis&health_password=hunter2"}})));
  const std::string json = desk_.wiring_json();
  EXPECT_NE(json.find(second_.address().to_string()), std::string::npos);
  EXPECT_EQ(json.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace amb
