// SPDX-License-Identifier: Apache-2.0
#include "health/check_redis.h"

#include <gtest/gtest.h>

#include "unit/health/verdict_of.h"

namespace amb {
namespace {

using namespace test;
using enum HealthOptions::Kind;
using Kind = Verdict::Kind;

const std::string kPing = "*1\r\n$4\r\nPING\r\n", kRole = "*1\r\n$4\r\nROLE\r\n";
const std::string kMaster = "*3\r\n$6\r\nmaster\r\n:42\r\n*0\r\n";
const std::string kReplica =
    "*5\r\n$5\r\nslave\r\n$8\r\n10.0.0.5\r\n:6379\r\n$9\r\nconnected\r\n:3129543\r\n";

Verdict redis_verdict(HealthOptions::Kind kind, std::vector<std::string> answers) {
  return verdict_of(options_for(kind), answering("\r\n$4\r\n", std::move(answers)));
}

TEST(CheckRedis, JudgesTheAnswerToAPing) {
  struct Row {
    std::string answer;
    Kind kind;
    std::string why;
  };
  const Row kRows[] = {
      {"+PONG\r\n", Kind::well, "PONG"},
      {"$4\r\nPONG\r\n", Kind::well, "PONG"},
      {"-NOAUTH Authentication required.\r\n", Kind::well, "it answers: NOAUTH Authentication required."},
      {"-NOPERM this user has no permissions\r\n", Kind::well,
       "it answers: NOPERM this user has no permissions"},
      {"-LOADING Redis is loading\r\n", Kind::not_well, "PING is answered by: LOADING Redis is loading"},
      {"-MASTERDOWN Link is down\r\n", Kind::not_well, "PING is answered by: MASTERDOWN Link is down"},
      {"-BUSY Redis is busy\r\n", Kind::not_well, "PING is answered by: BUSY Redis is busy"},
      {"-MISCONF cannot save\r\n", Kind::not_well, "PING is answered by: MISCONF cannot save"},
      {"-DENIED protected mode\r\n", Kind::not_well, "PING is answered by: DENIED protected mode"},
      {"-ERR max number of clients reached\r\n", Kind::not_well,
       "PING is answered by: ERR max number of clients reached"},
      {"-NOAUTHORITY\r\n", Kind::not_well, "PING is answered by: NOAUTHORITY"},
      {"+OK\r\n", Kind::not_well, "PING is answered by: OK"},
      {"garbage\r\n", Kind::not_well, "its answer is not redis's protocol: garbage"},
  };
  for (const Row& row : kRows) {
    const Verdict expected{row.kind, row.why};
    EXPECT_EQ(redis_verdict(redis, {row.answer}), expected) << row.answer;
  }
}

TEST(CheckRedis, AsksNothingButPingWithoutALogin) {
  std::string heard;
  EXPECT_EQ(verdict_of(options_for(redis),
                       [&](Line& line) -> awaitable<void> {
                         heard = co_await line.read(kPing.size());
                         co_await line.say_byte_by_byte("+PONG\r\n");
                         heard += co_await line.read_to_end();
                         EXPECT_FALSE(line.was_reset());
                       }),
            well("PONG"));
  EXPECT_EQ(heard, kPing);
}

TEST(CheckRedis, LogsInFirstWithWhatItIsGiven) {
  struct Row {
    std::string user, password, command;
  };
  const Row kRows[] = {
      {"", "secret", "*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n"},
      {"probe", "secret", "*3\r\n$4\r\nAUTH\r\n$5\r\nprobe\r\n$6\r\nsecret\r\n"},
      {"probe", "", "*3\r\n$4\r\nAUTH\r\n$5\r\nprobe\r\n$0\r\n\r\n"},
  };
  for (const Row& row : kRows) {
    HealthOptions options = options_for(redis);
    options.user = row.user;
    options.password = row.password;
    std::string heard;
    const auto script = [&](Line& line) -> awaitable<void> {
      heard = co_await line.read(row.command.size());
      co_await line.say("+OK\r\n");
      EXPECT_EQ(co_await line.read(kPing.size()), kPing);
      co_await line.say("+PONG\r\n");
    };
    EXPECT_EQ(verdict_of(options, script), well("PONG"));
    EXPECT_EQ(heard, row.command);
  }
}

TEST(CheckRedis, TakesALoginThatFailsForNotWell) {
  HealthOptions options = options_for(redis);
  options.password = "wrong";
  for (const auto kind : {redis, redis_primary}) {
    options.kind = kind;
    EXPECT_EQ(verdict_of(options, answering("wrong\r\n", {"-WRONGPASS invalid username-password pair\r\n"})),
              not_well("AUTH is answered by: WRONGPASS invalid username-password pair"));
  }
}

TEST(CheckRedis, ReadsWhyAServerTurnsItAwayAtOnce) {
  EXPECT_EQ(verdict_of(options_for(redis),
                       [](Line& line) -> awaitable<void> {
                         co_await line.say("-ERR max number of clients reached\r\n");
                       }),
            not_well("PING is answered by: ERR max number of clients reached"));
}

TEST(CheckRedis, FailsWhereThereIsNoWholeAnswer) {
  EXPECT_EQ(verdict_of(options_for(redis),
                       [](Line& line) -> awaitable<void> {
                         (void)co_await line.read(kPing.size());
                         co_await line.say("+PO");
                       }),
            not_well("it closed the connection before it had answered"));
  EXPECT_EQ(verdict_of(options_for(redis),
                       [](Line& line) -> awaitable<void> {
                         co_await line.say("+" + std::string(Conversation::kMostBytes, 'x'));
                       }),
            not_well("its answer is longer than 64 KiB"));
}

TEST(CheckRedis, FailsWhereNoAnswerComesInTime) {
  for (const auto kind : {redis, redis_primary}) {
    HealthOptions options = options_for(kind);
    options.timeout = std::chrono::milliseconds(20);
    EXPECT_EQ(verdict_of(options, silent), not_well("no answer within 20 ms"));
  }
}

TEST(CheckRedisPrimary, JudgesTheRole) {
  struct Row {
    std::string role;
    Kind kind;
    std::string why;
  };
  const Row kRows[] = {
      {kMaster, Kind::well, "it is the primary"},
      {kReplica, Kind::standby, "it is a replica of 10.0.0.5:6379"},
      {"*2\r\n$8\r\nsentinel\r\n*1\r\n$8\r\nmymaster\r\n", Kind::not_well, "it is no primary but a sentinel"},
      {"*1\r\n$5\r\nslave\r\n", Kind::not_well, "it is no primary but a slave"},
      {"*0\r\n", Kind::not_well, "its answer to ROLE is not understood"},
      {"+master\r\n", Kind::not_well, "its answer to ROLE is not understood"},
      {"-ERR unknown command 'ROLE'\r\n", Kind::not_well, "ROLE is answered by: ERR unknown command 'ROLE'"},
  };
  for (const Row& row : kRows) {
    const Verdict expected{row.kind, row.why};
    EXPECT_EQ(redis_verdict(redis_primary, {"+PONG\r\n", row.role}), expected) << row.role;
  }
}

TEST(CheckRedisPrimary, ReadsARoleByteByByte) {
  const auto script = [](Line& line) -> awaitable<void> {
    EXPECT_EQ(co_await line.read(kPing.size()), kPing);
    co_await line.say_byte_by_byte("+PONG\r\n");
    EXPECT_EQ(co_await line.read(kRole.size()), kRole);
    co_await line.say_byte_by_byte(kReplica);
    EXPECT_EQ(co_await line.read_to_end(), "");
    EXPECT_FALSE(line.was_reset());
  };
  EXPECT_EQ(verdict_of(options_for(redis_primary), script), standby("it is a replica of 10.0.0.5:6379"));
}

TEST(CheckRedisPrimary, DoesNotTakeOneThatIsLoadingForAPrimary) {
  EXPECT_EQ(redis_verdict(redis_primary, {"-LOADING Redis is loading\r\n", kMaster}),
            not_well("PING is answered by: LOADING Redis is loading"));
}

TEST(CheckRedisPrimary, DoesNotTakeOneThatRefusesWritesForWell) {
  EXPECT_EQ(redis_verdict(redis_primary, {"-MISCONF cannot save\r\n", kMaster}),
            not_well("PING is answered by: MISCONF cannot save"));
}

TEST(CheckRedisPrimary, NeedsNoMoreThanRole) {
  const std::string may_not_ask = "-NOPERM this user has no permissions to run the 'ping' command\r\n";
  EXPECT_EQ(redis_verdict(redis_primary, {may_not_ask, kMaster}), well("it is the primary"));
  EXPECT_EQ(redis_verdict(redis_primary, {may_not_ask, kReplica}),
            standby("it is a replica of 10.0.0.5:6379"));
  EXPECT_EQ(redis_verdict(redis_primary, {may_not_ask, "-NOPERM this user has no permissions\r\n"}),
            not_well("ROLE is answered by: NOPERM this user has no permissions"));
}

TEST(CheckRedisPrimary, NeedsALoginWhereOneIsDemanded) {
  EXPECT_EQ(redis_verdict(redis_primary, {"-NOAUTH Authentication required.\r\n"}),
            not_well("PING is answered by: NOAUTH Authentication required."));
}

}  // namespace
}  // namespace amb
