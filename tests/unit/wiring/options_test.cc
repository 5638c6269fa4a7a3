// SPDX-License-Identifier: Apache-2.0
#include "wiring/options.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace amb {
namespace {

/// A value for each option that is not its default, as show() spells it.
const std::map<std::string_view, std::string_view> kOthers = {
    {"policy", "round_robin"}, {"connect_retries", "2"},
    {"eject_after", "3"},      {"endpoint_sessions", "100"},
    {"health", "mysql"},       {"health_rise", "7"},
    {"health_fall", "8"},      {"health_jitter", "5%"},
    {"health_port", "81"},     {"health_status", "204"},
    {"health_user", "me"},     {"health_password", "***"},
    {"health_database", "db"}, {"health_send", "PING"},
    {"health_expect", "PONG"}, {"on_down", "cut"},
    {"on_rewire", "cut"},      {"unavailable", "hold=5s"},
    {"mode", "0660"},          {"owner", "redis"},
    {"group", "1000"},         {"max_sessions", "50"},
    {"health_banner", "220"}};

std::string_view other_value(const Option& option) {
  const auto other = kOthers.find(option.name);
  return other == kOthers.end() ? "77s" : other->second;
}

TEST(OptionTable, HasARowForEveryOptionInItsOrder) {
  const std::vector<std::string_view> kNames = {"listen",
                                                "mode",
                                                "owner",
                                                "group",
                                                "policy",
                                                "connect_timeout",
                                                "connect_total",
                                                "connect_retries",
                                                "eject_after",
                                                "eject_for",
                                                "slow_start",
                                                "max_sessions",
                                                "endpoint_sessions",
                                                "health",
                                                "health_interval",
                                                "health_timeout",
                                                "health_rise",
                                                "health_fall",
                                                "health_jitter",
                                                "health_port",
                                                "health_status",
                                                "health_user",
                                                "health_password",
                                                "health_database",
                                                "health_banner",
                                                "health_send",
                                                "health_expect",
                                                "on_down",
                                                "on_rewire",
                                                "unavailable",
                                                "max_ttl",
                                                "empty_grace",
                                                "half_close_timeout",
                                                "idle_timeout",
                                                "dead_peer",
                                                "abort_flush"};
  std::vector<std::string_view> names;
  for (const auto& option : option_table()) names.push_back(option.name);
  EXPECT_EQ(names, kNames);
}

TEST(OptionTable, SaysTheDefaultsThatHold) {
  for (const auto& option : option_table()) {
    EXPECT_EQ(option.show(LinkOptions{}), option.initial) << option.name;
    EXPECT_FALSE(option.type.empty() || option.help.empty()) << option.name;
  }
}

TEST(OptionTable, ReadsBackWhatItShows) {
  for (const auto& option : option_table()) {
    if (option.initial.empty()) continue;
    OptionValues values;
    EXPECT_TRUE(option.read(option.initial, 80, values)) << option.name;
    EXPECT_EQ(values.options, LinkOptions{}) << option.name;
  }
}

TEST(OptionTable, EachValueGoesToAFieldOfItsOwn) {
  for (const auto& option : option_table()) {
    if (option.repeatable) continue;
    OptionValues values;
    ASSERT_TRUE(option.read(other_value(option), 80, values)) << option.name;
    for (const auto& other : option_table())
      EXPECT_EQ(other.show(values.options), &other == &option ? other_value(option) : other.initial)
          << option.name;
  }
}

TEST(OptionTable, ZeroIsForDurationsThatMayBeNothing) {
  const std::set<std::string_view> kMayBeZero = {"slow_start", "empty_grace", "idle_timeout"};
  for (const auto& option : option_table()) {
    if (!option.type.starts_with("duration")) continue;
    OptionValues values;
    EXPECT_EQ(option.read("0", 80, values).has_value(), kMayBeZero.contains(option.name)) << option.name;
  }
}

struct Bound {
  const char* option;
  std::vector<const char*> good, bad;
};

TEST(OptionTable, HoldsItsBounds) {
  const Bound kRows[] = {
      {"mode", {"0660", "0777", "0200"}, {"660", "432", "1666", "0888", "00660", "", "0444", "u=rw", "0o66"}},
      {"owner", {"redis", "0", "4294967294", "a.b-c_d$"}, {"4294967295", "a b", "", "-x", "a:b", "a/b"}},
      {"group", {"docker", "999"}, {"99999999999", "x,y"}},
      {"connect_retries", {"0", "10"}, {"11", "-1", "", "1s"}},
      {"eject_after", {"0", "1000"}, {"1001", "never"}},
      {"max_sessions", {"0", "1000000"}, {"1000001", "all"}},
      {"endpoint_sessions", {"0", "1000000"}, {"1000001", "any"}},
      {"health_rise", {"1", "100"}, {"0", "101"}},
      {"health_fall", {"1", "100"}, {"0", "101"}},
      {"health_jitter", {"0", "50%", "20"}, {"51", "%", "-1%", "20%%"}},
      {"health_port", {"1", "65535"}, {"0", "65536", "http"}},
      {"health_status", {"100", "599", "200-200"}, {"99", "600", "300-200", "2xx", "200-"}},
      {"max_ttl", {"1s", "1000ms", "24h"}, {"999ms", "0", "soon"}}};
  for (const auto& [name, good, bad] : kRows) {
    OptionValues values;
    for (const auto* text : good)
      EXPECT_TRUE(find_option(name)->read(text, 80, values)) << name << "=" << text;
    for (const auto* text : bad) {
      const auto outcome = find_option(name)->read(text, 80, values);
      ASSERT_FALSE(outcome) << name << "=" << text;
      EXPECT_FALSE(outcome.error().what.empty() || outcome.error().accepted.empty()) << name;
    }
  }
}

TEST(OptionTable, NeverShowsAPassword) {
  LinkOptions options;
  options.health.password = "hunter2";
  for (const auto& option : option_table())
    EXPECT_EQ(option.show(options).find("hunter2"), std::string::npos) << option.name;
  EXPECT_EQ(find_option("health_password")->show(options), "***");
}

TEST(OptionTable, ShowsBytesHarmlessly) {
  LinkOptions options;
  options.health.send = std::string("\0PING\r\n", 7);
  EXPECT_EQ(find_option("health_send")->show(options), "\\x00PING\\r\\n");
}

TEST(UnknownOption, NamesTheNearestAndAll) {
  const Complaint complaint = unknown_option("idle_timeot");
  EXPECT_EQ(complaint.what, "option 'idle_timeot' is not known; did you mean idle_timeout?");
  for (const auto& option : option_table())
    EXPECT_NE(complaint.accepted.find(option.name), std::string::npos) << option.name;
  EXPECT_EQ(unknown_option("").what, "option '' is not known");
  constexpr std::array<std::string_view, 1> kAlso = {"upstream"};
  EXPECT_EQ(unknown_option("upstreem", kAlso).what, "option 'upstreem' is not known; did you mean upstream?");
}

}  // namespace
}  // namespace amb
