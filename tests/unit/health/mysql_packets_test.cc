// SPDX-License-Identifier: Apache-2.0
#include "health/mysql_packets.h"

#include <gtest/gtest.h>

#include "unit/health/mysql_words.h"
#include "unit/health/read_by.h"

namespace amb {
namespace {

using namespace test;
using namespace std::string_literals;

Read<MysqlPacket> read_one(const std::string& text, bool is_cut = false) {
  return read_by(&read_mysql_packet, text, is_cut);
}

TEST(MysqlPackets, AreReadHoweverTheyAreCut) {
  for (const bool is_cut : {false, true}) {
    const Read<MysqlPacket> got = read_one(my_greeting(), is_cut);
    ASSERT_TRUE(got.value) << got.failure;
    EXPECT_EQ(got.value->sequence, 0);
    EXPECT_EQ(got.value->kind(), kMysqlGreeting);
    EXPECT_EQ(parse_mysql_greeting(got.value->payload), "8.0.36");
  }
  EXPECT_EQ(read_one(my(200, std::string(300, 'x'))).value->sequence, 200);
}

TEST(MysqlPackets, AreNotTakenFromAnotherProtocol) {
  for (const std::string& text : {"SSH-2.0-OpenSSH\r\n"s, "+OK hello\r\n"s, "\0\0\0\0"s, "\1\x10\0\0"s}) {
    EXPECT_EQ(read_one(text).failure, "its answer is not MySQL's protocol") << text;
  }
}

TEST(MysqlPackets, MustBeWhole) {
  for (const std::string& text : {""s, "\5\0\0"s, "\5\0\0\0abcd"s}) {
    EXPECT_EQ(read_one(text).failure, "it closed the connection before it had answered") << text;
  }
}

TEST(MysqlPackets, GreetingsOfOtherProtocolsAreNone) {
  EXPECT_EQ(parse_mysql_greeting("\x09"
                                 "4.0\0"s)
                .error(),
            "it greets in the unknown protocol version 9");
  EXPECT_EQ(parse_mysql_greeting("\x0a"
                                 "8.0")
                .error(),
            "its greeting is malformed");
}

TEST(MysqlPackets, ErrorsHoldACodeAndPerhapsAState) {
  const auto early = parse_mysql_error("\xff\x10\x04Too many connections");
  EXPECT_EQ(early.text(), "Too many connections (1040)");
  EXPECT_EQ(early.sqlstate, "");
  const auto late = parse_mysql_error("\xff\x15\x04#28000Access denied");
  EXPECT_EQ(late.text(), "Access denied (1045)");
  EXPECT_EQ(late.sqlstate, "28000");
}

TEST(MysqlPackets, MalformedErrorsAreReadAsFarAsTheyGo) {
  EXPECT_EQ(parse_mysql_error("\xff").text(), " (0)");
  EXPECT_EQ(parse_mysql_error("\xff\x10").text(), " (0)");
  EXPECT_EQ(parse_mysql_error("\xff\x10\x04#280").text(), "#280 (1040)");
}

TEST(MysqlPackets, TellARefusedLoginFromAServerThatDoesNotWork) {
  for (const auto& [code, state] :
       std::initializer_list<std::pair<std::uint16_t, std::string>>{{1045, "28000"},
                                                                    {1698, "28000"},
                                                                    {1203, "42000"},
                                                                    {1226, "42000"},
                                                                    {1251, "08004"},
                                                                    {1275, "HY000"},
                                                                    {1524, "HY000"},
                                                                    {1820, "HY000"},
                                                                    {1862, "HY000"},
                                                                    {3118, "HY000"},
                                                                    {3159, "HY000"},
                                                                    {3955, "HY000"},
                                                                    {4151, "HY000"}}) {
    EXPECT_TRUE((MysqlError{code, state, ""}).is_about_login()) << code;
  }
  for (const auto& [code, state] : std::initializer_list<std::pair<std::uint16_t, std::string>>{
           {1040, "08004"}, {1129, "HY000"}, {1053, "08S01"}, {1040, ""}, {1130, "HY000"}, {1205, "HY000"}}) {
    EXPECT_FALSE((MysqlError{code, state, ""}).is_about_login()) << code;
  }
}

TEST(MysqlPackets, ALoginNamesTheUserAndNoPassword) {
  const std::string body =
      "\x01\x82\x08\0\0\0\0\x01\x21"s + std::string(23, '\0') + "joe\0"s + "\0"s + "mysql_native_password\0"s;
  EXPECT_EQ(mysql_login(1, "joe"), my(1, body));
  EXPECT_EQ(mysql_login(1, "joe\0x"s), my(1, body)) << "no name runs into the next field";
}

TEST(MysqlPackets, AnEmptyPasswordIsWhatTheMethodTakesItFor) {
  EXPECT_EQ(mysql_switched_method("\xfe"
                                  "caching_sha2_password\0salt\0"s),
            "caching_sha2_password");
  EXPECT_EQ(mysql_switched_method("\xfe"), "");
  EXPECT_EQ(mysql_no_password(3, "caching_sha2_password"), my(3, "\0"s));
  EXPECT_EQ(mysql_no_password(3, "mysql_native_password"), my(3, ""));
}

TEST(MysqlPackets, QuitBeginsANewCommand) { EXPECT_EQ(mysql_quit(), my(0, "\x01")); }

}  // namespace
}  // namespace amb
