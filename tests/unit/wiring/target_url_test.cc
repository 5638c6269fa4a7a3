// SPDX-License-Identifier: Apache-2.0
//
// The spellings one by one are in environment_pairs_test.cc; here is what a target holds once it is read.
#include "wiring/target_url.h"

#include <gtest/gtest.h>

namespace amb {
namespace {

TargetList parse_targets(std::string_view value, Complaints* complaints = nullptr) {
  Complaints local;
  return parse_targets(value, 80, complaints != nullptr ? *complaints : local);
}

TEST(TargetUrl, OfAnAddressIsReadyToDial) {
  const Target target = parse_targets("tcp://10.0.0.1:81").targets.at(0);
  EXPECT_EQ(target.address->to_string(), "10.0.0.1:81");
  EXPECT_EQ(target.name, "");
  EXPECT_EQ(target.port, 81);
}

TEST(TargetUrl, OfANameWaitsForTheResolver) {
  const Target target = parse_targets("redis").targets.at(0);
  EXPECT_FALSE(target.address);
  EXPECT_FALSE(target.fallback);
  EXPECT_EQ(target.name, "redis");
  EXPECT_EQ(target.port, 80);
  EXPECT_EQ(target.text, "tcp://redis:80");
}

TEST(TargetUrl, OfAUnixPathHasNoPort) {
  const Target target = parse_targets("unix:///run/x").targets.at(0);
  EXPECT_EQ(target.address->path(), "/run/x");
  EXPECT_EQ(target.port, 0);
  EXPECT_EQ(target.text, "unix:///run/x");
}

TEST(TargetUrl, OfAServiceHasANameAndNoPort) {
  const Target target = parse_targets("srv://_Redis._tcp.example").targets.at(0);
  EXPECT_TRUE(target.is_service);
  EXPECT_EQ(target.name, "_redis._tcp.example");
  EXPECT_EQ(target.port, 0);
  EXPECT_FALSE(target.address || target.fallback);
  EXPECT_EQ(target.text, "srv://_redis._tcp.example");
  EXPECT_FALSE(parse_targets("redis").targets.at(0).is_service);
}

TEST(TargetUrl, WithoutAPortNeedsOneFromTheLink) {
  Complaints complaints;
  EXPECT_EQ(parse_targets("redis,redis:81,unix:///x,srv://_redis._tcp.example", 0, complaints).targets.size(),
            3U);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].what, "'redis' says no port");
}

TEST(TargetUrl, ShowsNoPasswordThatStandsInAPortsPlace) {
  Complaints complaints;
  parse_targets("tcp://redis:6379&health_password=hunter2", &complaints);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].what, "port '6379&health_password=***' is not a number");
}

TEST(TargetUrl, ShowsNothingOfAUser) {
  for (const auto* value : {"redis://:s3@h", "tcp://u:s3@h:1", "u:s3@h", "tcp://u:s3,s3@h", "tcp://u:s3?s3@h",
                            "tcp://u:s3/s3@h", "tcp://u:s3&s3@h"}) {
    Complaints complaints;
    EXPECT_TRUE(parse_targets(value, &complaints).targets.empty()) << value;
    ASSERT_EQ(complaints.size(), 1U) << value;
    EXPECT_EQ(complaints[0].what, "a target names a user or a password, which is not shown");
  }
}

TEST(TargetUrl, ShowsNothingOfWhatMayBelongToAPassword) {
  Complaints complaints;
  const auto list = parse_targets("a:1?health_password=x,s3cret,tcp://b:2", &complaints);
  ASSERT_EQ(list.targets.size(), 2U);
  EXPECT_EQ(list.targets[1].text, "tcp://b:2");
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].what, "what stands behind the ',' after a password is not shown");
}

TEST(TargetUrl, HasSoManyTargetsAndNoMore) {
  std::string value = "h1";
  for (std::size_t i = 2; i <= kMostTargets; ++i) value += ",h" + std::to_string(i);
  EXPECT_EQ(parse_targets(value).targets.size(), kMostTargets);
  Complaints complaints;
  parse_targets(value + ",one_more", &complaints);
  ASSERT_EQ(complaints.size(), 1U);
  EXPECT_EQ(complaints[0].what, "there are 1001 targets");
  EXPECT_EQ(complaints[0].accepted, "at most 1000 targets of one link");
}

TEST(TargetUrl, TellsAHundredMistakesAndCountsTheOthers) {
  Complaints complaints;
  parse_targets(std::string(999, ','), &complaints);
  EXPECT_EQ(complaints.size(), kMostTold);
  EXPECT_EQ(complaints.total(), 1000U);
}

TEST(TargetUrl, RefusesLinkLocalAddressesInEverySpelling) {
  for (const auto* value :
       {"169.254.169.254", "[::ffff:169.254.169.254]", "[::169.254.169.254]", "[64:ff9b::169.254.169.254]",
        "[64:ff9b:1::a9fe:a9fe]", "[64:ff9b:1:a9fe:a9:fe00::]", "[2002:a9fe:a9fe::1]", "[fe80::1]"}) {
    Complaints complaints;
    EXPECT_TRUE(parse_targets(value, &complaints).targets.empty()) << value;
    ASSERT_EQ(complaints.size(), 1U) << value;
    EXPECT_EQ(complaints[0].what.substr(0, 28), "link-local addresses such as") << value;
  }
  EXPECT_EQ(parse_targets("[64:ff9b::10.0.0.1],[2002:a00:1::1]").targets.size(), 2U);
}

TEST(TargetUrl, KeepsTheOrderAndEveryQuery) {
  const auto list = parse_targets("tcp://b:1?x=1,tcp://a:2,tcp://b:1?y=2");
  ASSERT_EQ(list.targets.size(), 2U);
  EXPECT_EQ(list.targets[0].text, "tcp://b:1");
  EXPECT_EQ(list.targets[1].text, "tcp://a:2");
  EXPECT_EQ(list.queries, (std::vector<std::string>{"x=1", "y=2"}));
}

TEST(TargetUrl, ComplainsOfEveryWrongTarget) {
  Complaints complaints;
  EXPECT_EQ(parse_targets("http://a,b,c:0,", &complaints).targets.size(), 1U);
  EXPECT_EQ(complaints.size(), 3U);
}

struct Service {
  const char* value;
  const char* text;  ///< Of the target; empty for a wrong one.
  const char* problem;
};

void PrintTo(const Service& row, std::ostream* out) { *out << row.value; }

class ServiceTarget : public testing::TestWithParam<Service> {};

TEST_P(ServiceTarget, IsReadOrRefusedWithTheFormItShouldHave) {
  Complaints complaints;
  const auto list = parse_targets(GetParam().value, &complaints);
  EXPECT_EQ(list.targets.empty() ? "" : list.targets[0].text, GetParam().text);
  EXPECT_EQ(complaints.empty() ? "" : complaints[0].what, GetParam().problem);
  for (const auto& complaint : complaints)
    EXPECT_TRUE(complaint.accepted.starts_with("srv://_service._tcp.name"));
}

INSTANTIATE_TEST_SUITE_P(
    Values, ServiceTarget,
    testing::Values(
        Service{"srv://_redis._tcp.example", "srv://_redis._tcp.example", ""},
        Service{"SRV://_Redis._TCP.Example.COM", "srv://_redis._tcp.example.com", ""},
        Service{"srv://_redis._tcp.example/", "srv://_redis._tcp.example", ""},
        Service{"srv://_redis._tcp.example.", "srv://_redis._tcp.example.", ""},
        Service{"srv://_redis._tcp.a_b.1", "srv://_redis._tcp.a_b.1", ""},
        Service{"srv://_redis._tcp.example:6379", "",
                "'_redis._tcp.example:6379' says a port, but those of a service are in its records"},
        Service{"srv://redis.tcp.example", "", "'redis.tcp.example' is not the name of a service"},
        Service{"srv://_redis.example", "", "'_redis.example' is not the name of a service"},
        Service{"srv://_redis._tcp", "", "'_redis._tcp' is not the name of a service"},
        Service{"srv://_redis._tcp.", "", "'_redis._tcp.' is not the name of a service"},
        Service{"srv://_._tcp.example", "", "'_._tcp.example' is not the name of a service"},
        Service{"srv://_redis._.example", "", "'_redis._.example' is not the name of a service"},
        Service{"srv://_dns._udp.example", "", "'_dns._udp.example' is not a service over TCP"},
        Service{"srv://10.0.0.1", "", "'10.0.0.1' is an address, not the name of a service"},
        Service{"srv://[::1]", "", "'[::1]' is an address, not the name of a service"},
        Service{"srv://", "", "the host is empty"},
        Service{"srv://_redis._tcp..example", "",
                "host '_redis._tcp..example' has an empty part between dots"},
        Service{"srv://_redis._tcp.example/0", "", "host '_redis._tcp.example/0' holds '/'"}));

TEST(TargetUrl, OfAServiceMayStandBesideOthers) {
  const auto list = parse_targets("srv://_redis._tcp.example?policy=random,tcp://redis");
  ASSERT_EQ(list.targets.size(), 2U);
  EXPECT_EQ(list.targets[1].text, "tcp://redis:80");
  EXPECT_EQ(list.queries, std::vector<std::string>{"policy=random"});
  EXPECT_FALSE(parse_targets("tcp://_redis._tcp.example").targets.at(0).is_service)
      << "a name may have underscores";
}

}  // namespace
}  // namespace amb
