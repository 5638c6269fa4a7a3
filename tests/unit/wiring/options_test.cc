// SPDX-License-Identifier: Apache-2.0
#include "wiring/options.h"

#include <gtest/gtest.h>

#include <set>

namespace amb {
namespace {

using std::chrono::milliseconds;

OptionValues read(std::vector<std::string> queries, std::vector<std::string>* complaints = nullptr) {
  std::vector<Complaint> found;
  auto values = read_options(queries, 80, found);
  for (const auto& complaint : found) {
    if (complaints != nullptr) complaints->push_back(complaint.what);
    EXPECT_NE(complaint.accepted, "");
  }
  return values;
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

TEST(OptionTable, EachDurationGoesToAFieldOfItsOwn) {
  std::set<std::string> names;
  for (const auto& option : option_table()) {
    EXPECT_TRUE(names.insert(std::string(option.name)).second);
    if (option.type != "duration") continue;
    const auto values = read({std::string(option.name) + "=77s"});
    for (const auto& other : option_table()) {
      EXPECT_EQ(other.show(values.options), &other == &option ? "77s" : other.initial) << option.name;
    }
  }
}

TEST(Options, OfSeveralTargetsAreMerged) {
  const auto values = read({"connect_timeout=2s&dead_peer=5", "", "connect_timeout=2000ms&listen=127.0.0.1"});
  EXPECT_EQ(values.options.connect_timeout, milliseconds(2000));
  EXPECT_EQ(values.options.dead_peer, milliseconds(5000));
  ASSERT_EQ(values.listen.size(), 1U);
  EXPECT_EQ(values.listen[0].to_string(), "127.0.0.1:80");
}

TEST(Options, ThatContradictAreAComplaint) {
  std::vector<std::string> complaints;
  read({"dead_peer=1s&dead_peer=1000ms", "dead_peer=2s"}, &complaints);
  EXPECT_EQ(complaints, std::vector<std::string>{"option dead_peer is given as 1s and as 2s"});
}

TEST(Options, ListenAddsUpAndRepeatsCountOnce) {
  const auto values = read({"listen=127.0.0.1&listen=unix:///x", "listen=127.0.0.1:80"});
  ASSERT_EQ(values.listen.size(), 2U);
  EXPECT_EQ(values.listen[1].path(), "/x");
}

TEST(Options, ThatNobodyKnowsNameTheNearestAndAll) {
  std::vector<Complaint> complaints;
  const std::vector<std::string> queries = {"idle_timeot=5&health=redis"};
  read_options(queries, 80, complaints);
  ASSERT_EQ(complaints.size(), 2U);
  EXPECT_EQ(complaints[0].what, "option 'idle_timeot' is not known; did you mean idle_timeout?");
  EXPECT_EQ(complaints[1].what, "option 'health' is not known");
  for (const auto& option : option_table()) {
    EXPECT_NE(complaints[0].accepted.find(option.name), std::string::npos) << option.name;
  }
}

TEST(Options, ZeroIsNeverAndOnlyForTheIdleTimeout) {
  EXPECT_EQ(read({"idle_timeout=0"}).options.idle_timeout, milliseconds(0));
  for (const auto& option : option_table()) {
    if (option.type != "duration" || option.name == "idle_timeout") continue;
    std::vector<std::string> complaints;
    read({std::string(option.name) + "=0"}, &complaints);
    EXPECT_EQ(complaints.size(), 1U) << option.name;
  }
}

TEST(Options, OfAnEmptyQueryAreTheDefaults) {
  EXPECT_EQ(read({""}).options, LinkOptions{});
  EXPECT_TRUE(read({}).listen.empty());
}

}  // namespace
}  // namespace amb
