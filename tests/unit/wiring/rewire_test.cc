// SPDX-License-Identifier: Apache-2.0
#include "wiring/rewire.h"

#include <gtest/gtest.h>

#include "unit/wiring/find.h"

namespace amb {
namespace {

using Texts = std::vector<std::string>;
using std::chrono::milliseconds;

/// A host with the links of these variables, of which the first one is rewired.
struct Rewiring {
  WiringInput host;
  std::vector<Link> links;

  explicit Rewiring(test::Variables variables)
      : host(test::with_variables(std::move(variables))), links(find_wiring(host).links) {}

  std::expected<Link, Problems> to(const Texts& urls) const {
    ListenerIndex listeners(host);
    for (const Link& link : links) listeners.add(link);
    return rewire_link(links.at(0), urls, listeners);
  }

  /// "rewire: what is wrong", each with what would be accepted.
  Texts problems(const Texts& urls) const {
    const auto rewired = to(urls);
    if (rewired) return {"none: " + test::text_of(*rewired)};
    Texts texts;
    for (const Problem& problem : rewired.error()) {
      EXPECT_NE(problem.accepted, "") << problem.what;
      texts.push_back(to_string(problem.origin) + ": " + problem.what);
    }
    return texts;
  }
};

const test::Variables kOptions = {{"A_PORT_80_TCP", "h:1?policy=random&idle_timeout=5s&listen=127.0.0.1"}};

const test::Variables kRefusing = {{"A_PORT_80_TCP", "h:1?health=redis&unavailable=refuse"}};

TEST(Rewire, ReplacesTheTargetsAndStaysWhereItListens) {
  const auto rewired = Rewiring(kOptions).to({"i:2", "tcp://10.0.0.5:3"});
  ASSERT_TRUE(rewired);
  EXPECT_EQ(test::text_of(*rewired), "127.0.0.1:80 > tcp://i:2,tcp://10.0.0.5:3");
  EXPECT_EQ(rewired->name, "a");
  EXPECT_EQ(rewired->options.policy, Policy::random);
  EXPECT_EQ(to_string(rewired->origins.front()), "variable A_PORT_80_TCP") << "that is still who wants it";
}

TEST(Rewire, GivesATargetWithoutAPortThatOfTheLink) {
  EXPECT_EQ(test::text_of(Rewiring(kOptions).to({"i"}).value()), "127.0.0.1:80 > tcp://i:80");
}

TEST(Rewire, TakesOptionsOfTheUrlsInsteadOfTheLinksOwn) {
  const auto rewired = Rewiring(kOptions).to({"i:2?policy=first&dead_peer=9s", "j:2"});
  ASSERT_TRUE(rewired);
  EXPECT_EQ(rewired->options.policy, Policy::first);
  EXPECT_EQ(rewired->options.dead_peer, milliseconds(9000));
  EXPECT_EQ(rewired->options.idle_timeout, milliseconds(5000)) << "of which nothing was said";
}

TEST(Rewire, SaysOfEachOptionWhoGaveIt) {
  const auto rewired = Rewiring(kOptions).to({"i:2?policy=first&dead_peer=9s"});
  ASSERT_TRUE(rewired);
  Texts given;
  for (const GivenOption& one : rewired->given) given.push_back(one.name + " by " + one.origin.name);
  EXPECT_EQ(given, (Texts{"listen by A_PORT_80_TCP", "policy by rewire", "idle_timeout by A_PORT_80_TCP",
                          "dead_peer by rewire"}));
}

TEST(Rewire, KeepsTheCheckOfALinkThatRefusesWithoutOne) {
  const auto rewired = Rewiring(kRefusing).to({"i:2"});
  ASSERT_TRUE(rewired);
  EXPECT_EQ(rewired->options.health.kind, HealthOptions::Kind::redis);
}

TEST(Rewire, RefusesToListenElsewhere) {
  EXPECT_EQ(Rewiring(kOptions).problems({"i:2?listen=127.0.0.2"}),
            Texts{"rewire: option listen: a rewire changes where a link leads, not where it listens"});
}

TEST(Rewire, RefusesToChangeWhoMayConnect) {
  const Rewiring rewiring(test::Variables{{"A_PORT_80_TCP", "h:1?listen=unix:///x&mode=0660"}});
  EXPECT_EQ(rewiring.problems({"i:2?mode=0666"}),
            Texts{"rewire: option mode: a rewire changes where a link leads, not where it listens"});
  const auto rewired = rewiring.to({"i:2"});
  ASSERT_TRUE(rewired);
  EXPECT_EQ(rewired->options.file.mode, 0660);
}

TEST(Rewire, RefusesALoopThroughItself) {
  EXPECT_EQ(Rewiring(kOptions).problems({"i:2", "127.0.0.1:80"}),
            Texts{"rewire: tcp://127.0.0.1:80 is this ambassador itself: variable A_PORT_80_TCP listens on "
                  "127.0.0.1:80"});
}

TEST(Rewire, RefusesALoopThroughAnotherLink) {
  EXPECT_EQ(Rewiring({{"A_PORT_80_TCP", "h:1"}, {"B_PORT_90_TCP", "i:1"}}).problems({"localhost:90"}),
            Texts{"rewire: tcp://localhost:90 is this ambassador itself: variable B_PORT_90_TCP listens on "
                  "[::]:90"});
}

TEST(Rewire, JudgesNoOtherLink) {
  Rewiring rewiring({{"A_PORT_80_TCP", "h:1"}, {"B_PORT_90_TCP", "10.0.0.9:80"}});
  rewiring.host.own_addresses = {*SocketAddress::from_ip("10.0.0.9", 0)};  // we have it since a moment ago
  EXPECT_TRUE(rewiring.to({"i:1"}));
}

TEST(Rewire, RefusesNothingToLeadTo) {
  for (const Texts& urls : {Texts{}, Texts{""}, Texts{"", ""}})
    EXPECT_EQ(Rewiring(kOptions).to(urls).has_value(), false);
}

TEST(Rewire, TellsEveryMistakeAtOnce) {
  EXPECT_EQ(Rewiring(kOptions).problems({"i:99999", "j:1?polizy=first", "k:1?dead_peer=soon"}).size(), 3U);
  EXPECT_EQ(Rewiring(kOptions).problems({"i:1?policy=first", "j:1?policy=random"}),
            Texts{"rewire: option policy is given as first and as random"});
}

TEST(Rewire, ShowsNoPassword) {
  const auto rewired =
      Rewiring(kOptions).to({"i:99999?health=redis&health_password=hunter2", "127.0.0.1:80"});
  ASSERT_FALSE(rewired);
  for (const Problem& problem : rewired.error()) {
    EXPECT_EQ(problem.value, "i:99999?health=redis&health_password=***");
    EXPECT_EQ(problem.what.find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace amb
