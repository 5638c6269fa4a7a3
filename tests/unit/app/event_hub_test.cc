// SPDX-License-Identifier: Apache-2.0
#include "app/event_hub.h"

#include <gtest/gtest.h>

#include "unit/support/redirected.h"

namespace amb {
namespace {

struct Listening final : EventListener {
  void on_event(const ControlEvent& event) override {
    events.push_back(event);
    if (hub_to_leave != nullptr) hub_to_leave->unsubscribe(*this);
  }
  std::vector<ControlEvent> events;
  EventHub* hub_to_leave = nullptr;
};

Link link_to(const std::string& name, const std::string& target) {
  return {.name = name, .targets = {{.text = target, .name = target}}};
}

class EventHubTest : public testing::Test {
 protected:
  void fails(const std::string& link, const std::string& error) {
    log_.warning("session_failed",
                 {{"link", link}, {"reason", "no_upstream"}, {"upstream", "10.0.0.5:1"}, {"error", error}});
  }
  /// "2 x session_failed no_upstream: refused at 10.0.0.5:1", the latest first.
  std::vector<std::string> failures(const std::string& link) const {
    std::vector<std::string> texts;
    for (const Failure& one : hub_.failures(link)) {
      EXPECT_LE(one.first_ms, one.last_ms);
      texts.push_back(std::to_string(one.count) + " x " + one.event + " " + one.reason + ": " + one.error +
                      " at " + one.where);
    }
    return texts;
  }

  test::Captured error_{STDERR_FILENO};
  Log log_{LogFormat::text, LogLevel::error};
  LinkTable links_{
      {link_to("redis", "redis.example"), link_to("cache", "redis.example"), link_to("pg", "pg")}};
  EventHub hub_{log_, links_};
};

using Texts = std::vector<std::string>;

TEST_F(EventHubTest, TellsEveryLineAsJsonWhateverTheLogLeavesOut) {
  Listening one, two;
  hub_.subscribe(one);
  hub_.subscribe(two);
  log_.info("ready", {{"links", std::int64_t{2}}});
  log_.error("cannot_start", {});
  ASSERT_EQ(one.events.size(), 2U);
  EXPECT_EQ(one.events[0].name, "ready");
  EXPECT_TRUE(one.events[0].json.ends_with(R"("level":"info","event":"ready","links":2})"));
  EXPECT_EQ(one.events[1].number, one.events[0].number + 1);
  EXPECT_EQ(two.events.size(), 2U);
}

TEST_F(EventHubTest, TellsNobodyWhoHasLeft) {
  Listening leaver, stayer;
  leaver.hub_to_leave = &hub_;
  hub_.subscribe(leaver);
  hub_.subscribe(stayer);
  for (int i = 0; i < 3; ++i) log_.info("note", {});
  EXPECT_EQ(leaver.events.size(), 1U);
  EXPECT_EQ(stayer.events.size(), 3U);
}

TEST_F(EventHubTest, CountsWhatGoesWrongAgainAndTellsTheLatestFirst) {
  fails("redis", "refused");
  fails("redis", "timed out");
  fails("redis", "refused");
  fails("pg", "refused");
  EXPECT_EQ(failures("redis"), (Texts{"2 x session_failed no_upstream: refused at 10.0.0.5:1",
                                      "1 x session_failed no_upstream: timed out at 10.0.0.5:1"}));
  EXPECT_EQ(failures("pg").size(), 1U);
  EXPECT_EQ(failures("cache"), Texts{});
}

TEST_F(EventHubTest, RemembersTroubleAndNothingElse) {
  log_.info("endpoint_up", {{"link", "redis"}});
  log_.info("session_failed", {{"link", "redis"}, {"reason", "client_reset"}});
  log_.warning("endpoint_down", {{"link", "redis"}, {"endpoint", "10.0.0.5:1"}, {"reason", "it refuses"}});
  EXPECT_EQ(failures("redis"),
            (Texts{"1 x endpoint_down it refuses:  at 10.0.0.5:1", "1 x session_failed client_reset:  at "}));
}

TEST_F(EventHubTest, RemembersTheTroubleOfANameForEveryLinkThatHasIt) {
  log_.warning("resolve_failed", {{"name", "redis.example"}, {"error", "no server answered"}});
  const Texts expected{"1 x resolve_failed : no server answered at redis.example"};
  EXPECT_EQ(failures("redis"), expected);
  EXPECT_EQ(failures("cache"), expected);
  EXPECT_EQ(failures("pg"), Texts{});
}

TEST_F(EventHubTest, RemembersOnlySoManyOfALink) {
  for (std::size_t i = 0; i < EventHub::kMostFailures + 5; ++i) fails("redis", std::to_string(i));
  EXPECT_EQ(failures("redis").size(), EventHub::kMostFailures);
  EXPECT_NE(failures("redis").front().find(": " + std::to_string(EventHub::kMostFailures + 4)),
            std::string::npos);
}

TEST_F(EventHubTest, ForgetsLinksThatHaveLeftTheWiring) {
  fails("redis", "refused");
  links_.arrange({1});
  fails("redis", "cut");  // of its last sessions
  fails("pg", "refused");
  EXPECT_EQ(failures("redis"), Texts{});
  EXPECT_EQ(failures("pg").size(), 1U);
}

TEST_F(EventHubTest, EscapesForeignText) {
  fails("redis", "evil\x1b[2J");
  EXPECT_EQ(failures("redis"), Texts{"1 x session_failed no_upstream: evil\\x1b[2J at 10.0.0.5:1"});
}

}  // namespace
}  // namespace amb
