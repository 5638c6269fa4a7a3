// SPDX-License-Identifier: Apache-2.0
//
// One state of the program, whoever asks for it.
#include <gtest/gtest.h>

#include "unit/app/at_the_control_desk.h"

namespace amb {
namespace {

using namespace test;

using DeskStandingTest = AtTheControlDesk;

TEST_F(DeskStandingTest, IsReadyWhileEveryLinkHasAnEndpointThatIsUp) {
  EXPECT_TRUE(ask(desk_.readiness("")).value().is_ready);
  ASSERT_TRUE(living_.reload(link_text("a", a_, first_.address()) + with_health("b", b_, free_address())));
  EXPECT_TRUE(
      living_.supervisor().run_until([&] { return ask(desk_.readiness("")).value().state == "degraded"; }));
  EXPECT_EQ(ask(desk_.readiness("")).value().waits, std::vector<std::string>{"b"});
  EXPECT_TRUE(ask(desk_.readiness("")).value().reason.starts_with("1 of 2 links is down: b: "));
  EXPECT_EQ(ask(desk_.status()).state, "degraded");
  EXPECT_TRUE(ask(desk_.readiness("a")).value().is_ready);
  EXPECT_FALSE(ask(desk_.readiness("b")).value().is_ready);
  EXPECT_EQ(ask(desk_.readiness("b")).value().state, "down");
  EXPECT_EQ(ask(desk_.readiness("c")).error().status, 404);
}

TEST_F(DeskStandingTest, IsNotReadyBeforeTheFirstChecksHaveAnswered) {
  ASSERT_TRUE(living_.reload(with_health("a", a_, first_.address())));
  EXPECT_EQ(living_.supervisor()->endpoints().standing(0).state, "settling");
  EXPECT_TRUE(living_.supervisor().run_until([&] { return ask(desk_.readiness("")).value().is_ready; }));
}

TEST_F(DeskStandingTest, IsFailingWhereSessionsFindNoEndpointThoughNothingIsChecked) {
  ASSERT_TRUE(living_.reload(link_text("a", a_, free_address())));
  EXPECT_EQ(ask(desk_.status()).state, "ready");
  for (std::uint64_t i = 0; i < 4; ++i) {
    const Connected consumer = connect_to(a_);
    EXPECT_TRUE(living_.supervisor().run_until([&] { return ask(desk_.status()).links.at(0).opened > i; }));
  }
  EXPECT_TRUE(
      living_.supervisor().run_until([&] { return ask(desk_.status()).links.at(0).state == "failing"; }));
  const ProgramStatus status = ask(desk_.status());
  EXPECT_EQ(status.state, "degraded");
  EXPECT_TRUE(status.reason.starts_with("the only link is failing: a: none of the last ")) << status.reason;
  EXPECT_TRUE(status.reason.ends_with("Connection refused)")) << status.reason;
  EXPECT_FALSE(ask(desk_.readiness("")).value().is_ready);
}

TEST_F(DeskStandingTest, IsReadyWithALinkThatIsDrainedUnlessThatOneIsMeant) {
  ASSERT_TRUE(living_.reload(link_text("a", a_, first_.address()) + link_text("b", b_, first_.address())));
  ASSERT_TRUE(desk_.drain("a"));
  EXPECT_TRUE(ask(desk_.readiness("")).value().is_ready);
  EXPECT_FALSE(ask(desk_.readiness("a")).value().is_ready);
  EXPECT_EQ(ask(desk_.status()).links.at(0).state, "drained");
  ASSERT_TRUE(desk_.resume("a"));
  EXPECT_TRUE(ask(desk_.readiness("a")).value().is_ready);
}

}  // namespace
}  // namespace amb
