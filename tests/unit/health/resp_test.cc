// SPDX-License-Identifier: Apache-2.0
#include "health/resp.h"

#include <gtest/gtest.h>

#include "unit/health/read_by.h"

namespace amb {
namespace {

using namespace test;
using Texts = std::vector<std::string>;

Read<RespReply> read(const std::string& text, bool is_cut = false) {
  return read_by(&read_resp_reply, text, is_cut);
}

TEST(Resp, WritesCommandsAsArraysOfBulkStrings) {
  EXPECT_EQ(resp_command({"PING"}), "*1\r\n$4\r\nPING\r\n");
  EXPECT_EQ(resp_command({"AUTH", "", "a b\r\n"}), "*3\r\n$4\r\nAUTH\r\n$0\r\n\r\n$5\r\na b\r\n\r\n");
}

TEST(Resp, ReadsRepliesOfEveryShapeHoweverTheyAreCut) {
  struct Row {
    std::string text;
    char type;
    Texts texts;
  };
  const Row kRows[] = {
      {"+PONG\r\n", '+', {"PONG"}},
      {"-NOAUTH Authentication required.\r\n", '-', {"NOAUTH Authentication required."}},
      {":-42\r\n", ':', {"-42"}},
      {"$5\r\na\r\nbc\r\n", '$', {"a\r\nbc"}},
      {"$0\r\n\r\n", '$', {""}},
      {"$-1\r\n", '$', {"-1"}},
      {"*0\r\n", '*', {}},
      {"*-1\r\n", '*', {}},
      {"*3\r\n$6\r\nmaster\r\n:3129659\r\n*1\r\n*3\r\n$9\r\n127.0.0.1\r\n$4\r\n9001\r\n$7\r\n3129242\r\n",
       '*',
       {"master", "3129659", "127.0.0.1", "9001", "3129242"}},
      {"*2\r\n*0\r\n*2\r\n*0\r\n+x\r\n", '*', {"x"}},
  };
  for (const Row& row : kRows) {
    for (const bool is_cut : {false, true}) {
      const Read<RespReply> got = read(row.text, is_cut);
      ASSERT_TRUE(got.value) << row.text << got.failure;
      EXPECT_EQ(got.value->type, row.type) << row.text;
      EXPECT_EQ(got.value->texts, row.texts) << row.text;
    }
  }
}

TEST(Resp, KeepsNoMoreValuesThanAnybodyLooksAt) {
  std::string text = "*10000\r\n";
  for (int i = 0; i < 10'000; ++i) text += ":1\r\n";
  const Read<RespReply> got = read(text);
  ASSERT_TRUE(got.value) << got.failure;
  EXPECT_EQ(got.value->texts, Texts(RespReply::kMostTexts, "1"));
}

TEST(Resp, RefusesWhatIsNoReply) {
  for (const std::string text :
       {"\r\n", "HTTP/1.1 400 Bad Request\r\n", "$\r\n", "$-2\r\n", "$x\r\n", "$99999999\r\n", "*1x\r\n",
        "*99999999999999999999\r\n", "*1\r\n?\r\n", "*18446744073709551615\r\n"}) {
    const Read<RespReply> got = read(text);
    EXPECT_FALSE(got.value) << text;
    EXPECT_TRUE(got.failure.starts_with("its answer is not redis's protocol: ")) << text << got.failure;
  }
}

TEST(Resp, RefusesARepeatedNestingWithoutEnd) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "*1\r\n";
  EXPECT_EQ(read(text).failure, "its answer is longer than 64 KiB");
}

TEST(Resp, NeedsTheWholeReply) {
  for (const std::string text : {"", "+PON", "+PONG\r", "$5\r\nabc", "*2\r\n+a\r\n", "*1\r\n"}) {
    EXPECT_EQ(read(text).failure, "it closed the connection before it had answered") << text;
  }
}

}  // namespace
}  // namespace amb
