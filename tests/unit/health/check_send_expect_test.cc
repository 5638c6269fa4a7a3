// SPDX-License-Identifier: Apache-2.0
#include "health/check_send_expect.h"

#include <gtest/gtest.h>

#include "unit/health/verdict_of.h"

namespace amb {
namespace {

using namespace test;
using Kind = Verdict::Kind;

HealthOptions options_to_say(std::string send, std::string expect) {
  HealthOptions options = options_for(HealthOptions::Kind::send_expect);
  options.send = std::move(send);
  options.expect = std::move(expect);
  return options;
}

const Verdict kMet = well("what is expected comes back");

Verdict expect_verdict(const std::string& expect, const std::string& answer, bool is_cut = false) {
  return verdict_of(options_to_say("", expect),
                    [&](Line& line) -> awaitable<void> { co_await line.say(answer, is_cut); });
}

TEST(CheckSendExpect, FindsWhatIsExpectedWhereverItStands) {
  struct Row {
    std::string expect, answer;
  };
  const Row kRows[] = {{"220 ", "220 mail.example ESMTP\r\n"},
                       {"ready", "are you ready?"},
                       {"end", "at the end"},
                       {"aab", "aaab"},
                       {"abab", "abaabab"},
                       {std::string("\0\xff\0", 3), std::string("x\0\xff\0y", 5)}};
  for (const Row& row : kRows) {
    for (const bool is_cut : {false, true})
      EXPECT_EQ(expect_verdict(row.expect, row.answer, is_cut), kMet) << row.expect;
  }
}

TEST(CheckSendExpect, SaysItsBytesFirst) {
  const std::string bytes("version\r\n\0\x01", 11);
  std::string heard;
  EXPECT_EQ(verdict_of(options_to_say(bytes, "VERSION"),
                       [&](Line& line) -> awaitable<void> {
                         heard = co_await line.read(bytes.size());
                         co_await line.say("VERSION 1.6.18\r\n");
                         EXPECT_EQ(co_await line.read_to_end(), "");
                       }),
            kMet);
  EXPECT_EQ(heard, bytes);
}

TEST(CheckSendExpect, SaysNothingWhereThereIsNothingToSay) {
  EXPECT_EQ(verdict_of(options_to_say("", "220"),
                       [](Line& line) -> awaitable<void> {
                         co_await line.say("220 hello\r\n");
                         EXPECT_EQ(co_await line.read_to_end(), "");
                       }),
            kMet);
}

HealthOptions greeted(std::string banner, std::string send, std::string expect) {
  HealthOptions options = options_to_say(std::move(send), std::move(expect));
  options.banner = std::move(banner);
  return options;
}

TEST(CheckSendExpect, WaitsForTheBannerBeforeItAsks) {
  EXPECT_EQ(verdict_of(greeted("waiting\r\n", "NOOP\r\n", "250"),
                       [](Line& line) -> awaitable<void> {
                         co_await line.say_byte_by_byte("220 250 messages are waiting\r\n");
                         EXPECT_EQ(co_await line.read(6), "NOOP\r\n");
                         co_await line.say("250 OK\r\n");
                         EXPECT_EQ(co_await line.read_to_end(), "");
                       }),
            kMet);
}

TEST(CheckSendExpect, ExpectsWhatComesAfterTheQuestion) {
  EXPECT_EQ(verdict_of(greeted("220", "NOOP\r\n", "250"),
                       [](Line& line) -> awaitable<void> {
                         co_await line.say("220 250 messages are waiting\r\n");
                         (void)co_await line.read(6);
                         co_await line.say("421 closing\r\n");
                       }),
            not_well("it closed the connection before it had answered, after: 421 closing\r\n"));
}

TEST(CheckSendExpect, AsksNothingWhereTheBannerDoesNotCome) {
  EXPECT_EQ(verdict_of(greeted("220", "NOOP\r\n", "250"),
                       [](Line& line) -> awaitable<void> {
                         co_await line.say("554 250 go away\r\n");
                         line.socket().shutdown(asio::socket_base::shutdown_send);
                         EXPECT_EQ(co_await line.read_to_end(), "");
                       }),
            not_well("it closed the connection before it had answered, after: 554 250 go away\r\n"));
}

TEST(CheckSendExpect, ShowsTheBeginningOfWhatCameInstead) {
  EXPECT_EQ(expect_verdict("220", "554 go away\r\n"),
            not_well("it closed the connection before it had answered, after: 554 go away\r\n"));
  EXPECT_EQ(expect_verdict("220", ""), not_well("it closed the connection before it had answered"));
}

TEST(CheckSendExpect, GivesUpAfter64KiB) {
  const Verdict verdict = expect_verdict("y", std::string(Conversation::kMostBytes + 1, 'x') + "y");
  EXPECT_EQ(verdict.kind, Kind::not_well);
  EXPECT_TRUE(verdict.why.starts_with("its answer is longer than 64 KiB")) << verdict.why;
}

TEST(CheckSendExpect, FailsWhereNoAnswerComesInTime) {
  HealthOptions options = options_to_say("ahoy", "ahoy");
  options.timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(verdict_of(options, silent), not_well("no answer within 20 ms"));
}

}  // namespace
}  // namespace amb
