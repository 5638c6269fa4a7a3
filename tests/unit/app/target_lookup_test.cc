// SPDX-License-Identifier: Apache-2.0
#include "app/target_lookup.h"

#include <gtest/gtest.h>

#include "unit/app/looked_up_once.h"
#include "unit/support/run_task.h"

namespace amb {
namespace {

using namespace test;

class TargetLookup : public testing::Test {
 protected:
  LookedUp look_up(const Target& target, std::chrono::milliseconds within = kDeadline) {
    return run_task(io_, look_up_target(io_, std::make_shared<const LookUpsOnce>(names_.look_ups()), target,
                                        std::chrono::steady_clock::now() + within, "3 s"));
  }
  static std::vector<std::string> addresses_of(const LookedUp& found) {
    std::vector<std::string> addresses;
    for (const ResolvedEndpoint& endpoint : found.list.endpoints)
      addresses.push_back(endpoint.address.to_string());
    return addresses;
  }

  boost::asio::io_context io_;
  NamesOnce names_{io_};
};

TEST_F(TargetLookup, OfAnAddressAsksNobody) {
  const auto found = look_up({.text = "tcp://127.0.0.1:1", .port = 1, .address = ip("127.0.0.1", 1)});
  EXPECT_EQ(addresses_of(found), std::vector<std::string>{"127.0.0.1:1"});
  EXPECT_TRUE(names_.asked.empty());
}

TEST_F(TargetLookup, OfANameGivesItsAddressesWithTheTargetsPort) {
  names_.addresses["db"] = {ip("10.0.0.1", 0), ip("10.0.0.2", 0)};
  const auto found = look_up({.text = "tcp://db:5432", .name = "db", .port = 5432});
  EXPECT_EQ(addresses_of(found), (std::vector<std::string>{"10.0.0.1:5432", "10.0.0.2:5432"}));
}

TEST_F(TargetLookup, OfAServiceGivesItsServersByPriority) {
  names_.servers["_db._tcp.x"] = {{.priority = 2, .host = "second", .port = 2},
                                  {.priority = 1, .host = "first", .port = 1}};
  names_.addresses["first"] = {ip("10.0.0.1", 0)};
  names_.addresses["second"] = {ip("10.0.0.2", 0)};
  const auto found = look_up({.text = "srv://_db._tcp.x", .name = "_db._tcp.x", .is_service = true});
  EXPECT_EQ(addresses_of(found), (std::vector<std::string>{"10.0.0.1:1", "10.0.0.2:2"}));
}

TEST_F(TargetLookup, TellsANameThatIsNotThereFromAServerThatFails) {
  EXPECT_EQ(look_up({.text = "tcp://tcp:1", .name = "tcp", .port = 1}).why, "does not resolve");
  names_.failures["db"] = "server failure";
  EXPECT_EQ(look_up({.text = "tcp://db:1", .name = "db", .port = 1}).why, "does not resolve: server failure");
  names_.servers["_x._tcp.x"] = {{.host = "nowhere", .port = 1}};
  EXPECT_EQ(look_up({.text = "srv://_x._tcp.x", .name = "_x._tcp.x", .is_service = true}).why,
            "does not resolve");
}

TEST_F(TargetLookup, GivesUpOnASilentServerAndWithdrawsTheQuestion) {
  names_.silent.insert("db");
  const auto found = look_up({.text = "tcp://db:1", .name = "db", .port = 1}, std::chrono::milliseconds(20));
  EXPECT_EQ(found.why, "no answer from a name server within 3 s");
  ASSERT_EQ(names_.urgencies.size(), 1U);
  EXPECT_TRUE(names_.urgencies.front().expired()) << "a question that has not begun would go on waiting";
}

TEST_F(TargetLookup, UsesTheServersWhoseHostsHaveAnswered) {
  names_.servers["_db._tcp.x"] = {{.host = "there", .port = 1}, {.host = "mute", .port = 2}};
  names_.addresses["there"] = {ip("10.0.0.1", 0)};
  names_.silent.insert("mute");
  const auto found = look_up({.text = "srv://_db._tcp.x", .name = "_db._tcp.x", .is_service = true},
                             std::chrono::milliseconds(20));
  EXPECT_EQ(addresses_of(found), std::vector<std::string>{"10.0.0.1:1"});
}

TEST_F(TargetLookup, UsesTheAddressThatStandsInForANameWithoutAnswer) {
  const auto found =
      look_up({.text = "tcp://redis:1", .name = "redis", .port = 1, .fallback = ip("10.0.0.9", 1)});
  EXPECT_EQ(addresses_of(found), std::vector<std::string>{"10.0.0.9:1"});
}

}  // namespace
}  // namespace amb
