// SPDX-License-Identifier: Apache-2.0
#include "health/postgres_messages.h"

#include <gtest/gtest.h>

#include "unit/health/postgres_words.h"
#include "unit/health/scripted_server.h"

namespace amb {
namespace {

using namespace test;
using namespace std::string_literals;

struct AllRead {
  std::vector<PostgresMessage> messages;
  std::string failure;
};

/// All messages in `text`, after which the server ends.
AllRead read_all(const std::string& text, bool is_cut = false) {
  asio::io_context io;
  const ScriptedServer server(io, [&](Line& line) -> awaitable<void> { co_await line.say(text, is_cut); });
  AllRead got;
  const auto play = [&]() -> awaitable<void> {
    const auto talk = std::make_shared<Conversation>(io, kDeadline);
    EXPECT_FALSE(co_await talk->connect(server.address()));
    while (auto message = co_await read_postgres_message(*talk)) got.messages.push_back(std::move(*message));
    got.failure = talk->failure().why;
  };
  asio::co_spawn(io, play, asio::detached);
  run_until(io, [&] { return !got.failure.empty(); });
  return got;
}

TEST(PostgresMessages, StartUpNamesTheUserAndADatabaseIfThereIsOne) {
  EXPECT_EQ(postgres_startup("me", ""),
            "\0\0\0\x3a\0\3\0\0user\0me\0application_name\0ambassador health check\0\0"s);
  EXPECT_EQ(postgres_startup("me", "db"),
            "\0\0\0\x46\0\3\0\0user\0me\0database\0db\0application_name\0ambassador health check\0\0"s);
}

TEST(PostgresMessages, LetNoNameRunIntoTheNextField) {
  EXPECT_EQ(postgres_startup("me\0options\0x"s, ""), postgres_startup("me", ""));
}

TEST(PostgresMessages, CountTheirOwnLength) {
  EXPECT_EQ(postgres_password("abc"),
            "p\0\0\0\x08"
            "abc\0"s);
  EXPECT_EQ(postgres_sasl_first("M", "n,,"), "p\0\0\0\x0dM\0\0\0\0\3n,,"s);
  EXPECT_EQ(postgres_sasl_next("c=x"),
            "p\0\0\0\x07"
            "c=x"s);
  EXPECT_EQ(postgres_query("SELECT 1"), "Q\0\0\0\x0dSELECT 1\0"s);
  EXPECT_EQ(postgres_terminate(), "X\0\0\0\4"s);
}

TEST(PostgresMessages, AreReadHoweverTheyAreCut) {
  for (const bool is_cut : {false, true}) {
    const AllRead got = read_all(pg('R', kLoggedIn) + pg('Z', "I") + pg('n', ""), is_cut);
    ASSERT_EQ(got.messages.size(), 3U);
    EXPECT_EQ(got.messages[0].type, 'R');
    EXPECT_EQ(got.messages[0].body, kLoggedIn);
    EXPECT_EQ(got.messages[1].body, "I");
    EXPECT_EQ(got.messages[2].body, "");
    EXPECT_EQ(got.failure, "it closed the connection before it had answered");
  }
}

TEST(PostgresMessages, AreNotTakenFromAnotherProtocol) {
  for (const std::string& text : {"R\0\0\0\3"s, "R\0\1\0\1"s, "R\xff\xff\xff\xff"s, "\0\0\0\0\4"s,
                                  "HTTP/1.1 400 Bad\r\n"s, "-ERR unknown command\r\n"s}) {
    EXPECT_EQ(read_all(text).failure, "its answer is not PostgreSQL's protocol") << text;
  }
}

TEST(PostgresMessages, ErrorsHoldACodeAndASentence) {
  const auto error = parse_postgres_error(pg_error("57P03", "the database system is starting up"));
  EXPECT_EQ(error.sqlstate, "57P03");
  EXPECT_EQ(error.text(), "the database system is starting up (57P03)");
}

TEST(PostgresMessages, MalformedErrorsAreReadAsFarAsTheyGo) {
  for (const std::string& body : {""s, "\0"s, "C"s, "\0\0\0"s}) {
    EXPECT_EQ(parse_postgres_error(body).text(), "") << body;
  }
  EXPECT_EQ(parse_postgres_error("Mno end").text(), "no end");
  EXPECT_EQ(parse_postgres_error("Mone\0\0Mtwo\0"s).text(), "one");
  EXPECT_EQ(parse_postgres_error("M\0C\0"s).text(), "");
}

TEST(PostgresMessages, TellTheServersOwnTroublesFromOurMistakes) {
  for (const std::string state : {"57P03", "57P01", "53300", "53200", "58000", "58P01", "XX000", "F0001"}) {
    EXPECT_TRUE((PostgresError{state, ""}).is_servers_own()) << state;
  }
  for (const std::string state : {"28000", "28P01", "3D000", "42501", "08P01", "0A000", ""}) {
    EXPECT_FALSE((PostgresError{state, ""}).is_servers_own()) << state;
  }
}

TEST(PostgresMessages, DemandsBeginWithACode) {
  EXPECT_EQ(postgres_auth_code("\0\0\0\0"s), 0U);
  EXPECT_EQ(postgres_auth_code("\0\0\0\x0aSCRAM"s), 10U);
  EXPECT_EQ(postgres_auth_code("\0\0\0"s), std::nullopt);
}

TEST(PostgresMessages, RowsHaveAFirstColumn) {
  EXPECT_EQ(postgres_first_column("\0\1\0\0\0\1f"s), "f");
  EXPECT_EQ(postgres_first_column("\0\2\0\0\0\2ab\0\0\0\1c"s), "ab");
  EXPECT_EQ(postgres_first_column("\0\1\xff\xff\xff\xff"s), std::nullopt) << "NULL";
  for (const std::string& body : {""s, "\0\1\0\0\0"s, "\0\1\0\0\0\2x"s, "\0\0"s}) {
    EXPECT_EQ(postgres_first_column(body), std::nullopt) << body;
  }
}

}  // namespace
}  // namespace amb
