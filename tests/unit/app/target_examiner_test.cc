// SPDX-License-Identifier: Apache-2.0
#include "app/target_examiner.h"

#include <gtest/gtest.h>

#include "unit/app/looked_up_once.h"
#include "unit/health/scripted_server.h"
#include "unit/support/run_task.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;

Target target_at(const SocketAddress& address) {
  return {.text = "tcp://" + address.to_string(), .port = address.port(), .address = address};
}

class TargetExaminerTest : public testing::Test {
 protected:
  Examination examine(std::vector<Target> targets, milliseconds timeout = kDeadline,
                      LinkOptions options = {}) {
    Link link{.name = "a", .listen = {}, .targets = std::move(targets), .options = std::move(options)};
    return run_task(io_, examiner_.examine(std::move(link), timeout));
  }
  /// "ADDRESS: SAID", or the target where there is no address.
  static std::vector<std::string> told(const Examination& found) {
    std::vector<std::string> texts;
    for (const TargetFinding& one : found.findings)
      texts.push_back((one.address.empty() ? one.target : one.address) + ": " + one.said);
    return texts;
  }

  boost::asio::io_context io_;
  NamesOnce names_{io_};
  TargetExaminer examiner_{io_, names_.look_ups(), 4};
};

TEST_F(TargetExaminerTest, FindsWhoAcceptsConnectionsUp) {
  const BoundListener there = listen_on(ip("127.0.0.1"));
  const auto found = examine({target_at(there.address)});
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_TRUE(found.is_any_well());
  EXPECT_EQ(found.findings[0].target, "tcp://" + there.address.to_string());
  EXPECT_EQ(found.findings[0].address, there.address.to_string());
  EXPECT_TRUE(found.findings[0].said.starts_with("up in ")) << found.findings[0].said;
  EXPECT_EQ(found.addresses, std::vector<SocketAddress>{there.address});
}

TEST_F(TargetExaminerTest, SaysWhyOthersAreNot) {
  const SocketAddress nobody = free_address();
  names_.silent.insert("mute");
  const auto found = examine({target_at(nobody),
                              {.text = "tcp://tcp:6379", .name = "tcp", .port = 6379},
                              {.text = "tcp://mute:1", .name = "mute", .port = 1}},
                             milliseconds(50));
  EXPECT_FALSE(found.is_any_well());
  EXPECT_EQ(told(found), (std::vector<std::string>{
                             nobody.to_string() + ": refuses connections", "tcp://tcp:6379: does not resolve",
                             "tcp://mute:1: no answer from a name server within 50 ms"}));
}

TEST_F(TargetExaminerTest, AsksWithTheLinksCheck) {
  LinkOptions options;
  options.health.kind = HealthOptions::Kind::redis_primary;
  options.health.timeout = kDeadline;
  const ScriptedServer replica(io_, [](Line& line) -> awaitable<void> {
    (void)co_await line.read_until("PING\r\n");
    co_await line.say("+PONG\r\n");
    (void)co_await line.read_until("ROLE\r\n");
    co_await line.say("*3\r\n$5\r\nslave\r\n$8\r\n10.0.0.1\r\n:6379\r\n");
    (void)co_await line.read_to_end();
  });
  const auto found = examine({target_at(replica.address())}, kDeadline, options);
  EXPECT_EQ(told(found),
            std::vector<std::string>{replica.address().to_string() + ": is a replica of 10.0.0.1:6379"});
}

TEST_F(TargetExaminerTest, WaitsNoLongerThanItsTimeForOneThatIsSilent) {
  LinkOptions options;
  options.health.kind = HealthOptions::Kind::redis;
  options.health.timeout = kDeadline;
  const BoundListener silent = listen_on(ip("127.0.0.1"));
  const auto found = examine({target_at(silent.address)}, milliseconds(100), options);
  EXPECT_EQ(told(found), std::vector<std::string>{silent.address.to_string() + ": no answer within 100 ms"});
}

TEST_F(TargetExaminerTest, MasksThePasswordThatAServerQuotes) {
  LinkOptions options;
  options.health.kind = HealthOptions::Kind::redis;
  options.health.timeout = kDeadline;
  options.health.password = "sesame-open";
  const ScriptedServer server(io_, [](Line& line) -> awaitable<void> {
    (void)co_await line.read_until("sesame-open\r\n");
    co_await line.say("-ERR sesame-open is wrong\r\n");
    (void)co_await line.read_to_end();
  });
  const auto found = examine({target_at(server.address())}, kDeadline, options);
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_EQ(found.findings[0].said.find("sesame"), std::string::npos) << found.findings[0].said;
  EXPECT_TRUE(found.findings[0].said.starts_with("fails the check: AUTH is answered by"));
}

TEST_F(TargetExaminerTest, SharesOutWhatItAsksAndSaysWhatItLeavesOut) {
  const BoundListener there = listen_on(ip("127.0.0.1"));
  for (int i = 1; i <= 40; ++i)
    names_.addresses["many"].push_back(ip(("127.3.0." + std::to_string(i)).c_str(), 0));
  const auto found = examine({target_at(there.address), {.text = "tcp://many:1", .name = "many", .port = 1}});
  EXPECT_EQ(found.findings.size(), 1 + TargetExaminer::kMostAsked / 2);
  EXPECT_EQ(found.left_out, 40 - TargetExaminer::kMostAsked / 2);
  EXPECT_EQ(found.addresses.size(), 41U) << "where it leads is known all the same";
  EXPECT_TRUE(found.is_any_well());
}

TEST_F(TargetExaminerTest, ExaminesTheFirstOfManyTargets) {
  const BoundListener there = listen_on(ip("127.0.0.1"));
  const auto found = examine(std::vector<Target>(20, target_at(there.address)));
  EXPECT_EQ(found.findings.size(), TargetExaminer::kMostAsked);
  EXPECT_EQ(found.left_out, 20 - TargetExaminer::kMostAsked);
}

TEST_F(TargetExaminerTest, DoesNotAskWhatMustNotBeDialled) {
  const BoundListener own = listen_on(ip("127.0.0.1"));
  names_.listeners = {own.address};
  names_.addresses["us"] = {ip("127.0.0.1", 0)};
  const auto found = examine({{.text = "tcp://us:1", .name = "us", .port = own.address.port()}});
  EXPECT_EQ(told(found), std::vector<std::string>{own.address.to_string() +
                                                  ": must not be used: leads back to our own listener " +
                                                  own.address.to_string()});
  pollfd visitor{.fd = own.sockets.front().borrow(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&visitor, 1, 0), 0);
}

TEST(WaitText, HasTheUnitThatReadsBest) {
  using std::chrono::microseconds;
  EXPECT_EQ(wait_text(microseconds(400)), "0.4 ms");
  EXPECT_EQ(wait_text(microseconds(1000)), "1 ms");
  EXPECT_EQ(wait_text(microseconds(250'000)), "250 ms");
  EXPECT_EQ(wait_text(microseconds(1'500'000)), "1.5 s");
  EXPECT_EQ(wait_text(microseconds(2'995'000)), "3 s");
  EXPECT_EQ(wait_text(microseconds(60'000'000)), "60 s");
}

}  // namespace
}  // namespace amb
