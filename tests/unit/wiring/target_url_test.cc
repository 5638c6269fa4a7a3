// SPDX-License-Identifier: Apache-2.0
//
// The spellings one by one are in environment_pairs_test.cc; here is what a target holds once it is read.
#include "wiring/target_url.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TargetList parse(std::string_view value, std::vector<Complaint>* complaints = nullptr) {
  std::vector<Complaint> local;
  return parse_targets(value, 80, complaints != nullptr ? *complaints : local);
}

TEST(TargetUrl, OfAnAddressIsReadyToDial) {
  const Target target = parse("tcp://10.0.0.1:81").targets.at(0);
  EXPECT_EQ(target.address->to_string(), "10.0.0.1:81");
  EXPECT_EQ(target.name, "");
  EXPECT_EQ(target.port, 81);
}

TEST(TargetUrl, OfANameWaitsForTheResolver) {
  const Target target = parse("redis").targets.at(0);
  EXPECT_FALSE(target.address);
  EXPECT_FALSE(target.fallback);
  EXPECT_EQ(target.name, "redis");
  EXPECT_EQ(target.port, 80);
  EXPECT_EQ(target.text, "tcp://redis:80");
}

TEST(TargetUrl, OfAUnixPathHasNoPort) {
  const Target target = parse("unix:///run/x").targets.at(0);
  EXPECT_EQ(target.address->path(), "/run/x");
  EXPECT_EQ(target.port, 0);
  EXPECT_EQ(target.text, "unix:///run/x");
}

TEST(TargetUrl, KeepsTheOrderAndEveryQuery) {
  const auto list = parse("tcp://b:1?x=1,tcp://a:2,tcp://b:1?y=2");
  ASSERT_EQ(list.targets.size(), 2U);
  EXPECT_EQ(list.targets[0].text, "tcp://b:1");
  EXPECT_EQ(list.targets[1].text, "tcp://a:2");
  EXPECT_EQ(list.queries, (std::vector<std::string>{"x=1", "y=2"}));
}

TEST(TargetUrl, ComplainsOfEveryWrongTarget) {
  std::vector<Complaint> complaints;
  EXPECT_EQ(parse("http://a,b,c:0,", &complaints).targets.size(), 1U);
  EXPECT_EQ(complaints.size(), 3U);
}

}  // namespace
}  // namespace amb
