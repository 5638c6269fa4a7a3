// SPDX-License-Identifier: Apache-2.0
#include "health/check_mysql.h"

#include <gtest/gtest.h>

#include "health/mysql_packets.h"
#include "unit/health/mysql_words.h"
#include "unit/health/verdict_of.h"

namespace amb {
namespace {

using namespace test;
using namespace std::string_literals;
using Kind = Verdict::Kind;

const HealthOptions kMysql = options_for(HealthOptions::Kind::mysql);
const std::string kDenied = "#28000Access denied for user 'ambassador'@'10.0.0.1' (using password: NO)";

Verdict greeting_verdict(const std::string& greeting) {
  return verdict_of(kMysql, [greeting](Line& line) -> awaitable<void> {
    co_await line.say(greeting);
    (void)co_await line.read_to_end();
  });
}

/// Greets, hears the login and says `answer`.
Verdict verdict_after(const std::string& answer) {
  return verdict_of(kMysql, [answer](Line& line) -> awaitable<void> {
    co_await line.say_byte_by_byte(my_greeting());
    (void)co_await line.read(mysql_login(1, "ambassador").size());
    co_await line.say_byte_by_byte(answer);
  });
}

TEST(CheckMysql, LogsInSoThatTheServerDoesNotCountAnError) {
  for (const std::string user : {"", "probe"}) {
    HealthOptions options = kMysql;
    options.user = user;
    const std::string expected = mysql_login(1, user.empty() ? "ambassador" : user);
    std::string login, goodbye;
    EXPECT_EQ(verdict_of(options,
                         [&](Line& line) -> awaitable<void> {
                           co_await line.say(my_greeting());
                           login = co_await line.read(expected.size());
                           co_await line.say(my(2, "\0\0\0\2\0\0\0"s));
                           goodbye = co_await line.read_to_end();
                           EXPECT_FALSE(line.was_reset());
                         }),
              well("it takes sessions"));
    EXPECT_EQ(login, expected);
    EXPECT_EQ(goodbye, mysql_quit());
  }
}

TEST(CheckMysql, IsContentWithARefusedLogin) {
  EXPECT_EQ(verdict_after(my_error(2, 1045, kDenied)),
            well("it answers: Access denied for user 'ambassador'@'10.0.0.1' (using password: NO) (1045)"));
}

TEST(CheckMysql, FollowsAChangeOfMethod) {
  std::string reply;
  EXPECT_EQ(verdict_of(kMysql,
                       [&](Line& line) -> awaitable<void> {
                         co_await line.say(my_greeting());
                         (void)co_await line.read(mysql_login(1, "ambassador").size());
                         co_await line.say(my(2, "\xfe"s + "caching_sha2_password\0saltsaltsaltsaltsalt\0"s));
                         reply = co_await line.read(5);
                         co_await line.say(my(4, "\1\3"s) + my(5, "\0\0\0\2\0\0\0"s));
                         EXPECT_EQ(co_await line.read_to_end(), mysql_quit());
                       }),
            well("it takes sessions"));
  EXPECT_EQ(reply, mysql_no_password(3, "caching_sha2_password"));
}

TEST(CheckMysql, TakesAnErrorInPlaceOfAGreetingForNotWell) {
  EXPECT_EQ(greeting_verdict(my_error(0, 1040, "Too many connections")),
            not_well("it answers: Too many connections (1040)"));
  EXPECT_EQ(greeting_verdict(my_error(0, 1129, "Host '10.0.0.1' is blocked")),
            not_well("it answers: Host '10.0.0.1' is blocked (1129)"));
}

TEST(CheckMysql, TakesErrorsThatAreNotAboutTheLoginForNotWell) {
  EXPECT_EQ(verdict_after(my_error(2, 1040, "#08004Too many connections")),
            not_well("it answers: Too many connections (1040)"));
  EXPECT_EQ(verdict_after(my_error(2, 1053, "#08S01Server shutdown in progress")),
            not_well("it answers: Server shutdown in progress (1053)"));
}

TEST(CheckMysql, FailsForWhatIsNotMysql) {
  EXPECT_EQ(greeting_verdict("SSH-2.0-OpenSSH_9.2p1 Debian\r\n"),
            not_well("its answer is not MySQL's protocol"));
  EXPECT_EQ(greeting_verdict(my(0, "\x09"s + "3.20\0"s)),
            not_well("it greets in the unknown protocol version 9"));
  EXPECT_EQ(verdict_after(my(2, "\x07")), not_well("its answer to a login is not MySQL's protocol"));
}

TEST(CheckMysql, FailsForALoginWithoutEnd) {
  std::string talk;
  for (std::uint8_t i = 0; i < 100; ++i) talk += my(static_cast<std::uint8_t>(2 + i), "\1\4"s);
  EXPECT_EQ(verdict_after(talk), not_well("it comes to no decision about a login"));
}

TEST(CheckMysql, FailsWhereThereIsNoWholeAnswer) {
  EXPECT_EQ(verdict_of(kMysql,
                       [](Line& line) -> awaitable<void> { co_await line.say(my_greeting().substr(0, 20)); }),
            not_well("it closed the connection before it had answered"));
  EXPECT_EQ(verdict_after(""), not_well("it closed the connection before it had answered"));
}

TEST(CheckMysql, FailsWhereNoAnswerComesInTime) {
  HealthOptions options = kMysql;
  options.timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(verdict_of(options, silent), not_well("no answer within 20 ms"));
}

}  // namespace
}  // namespace amb
