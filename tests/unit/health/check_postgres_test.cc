// SPDX-License-Identifier: Apache-2.0
#include "health/check_postgres.h"

#include <gtest/gtest.h>

#include "health/postgres_messages.h"
#include "unit/health/postgres_words.h"
#include "unit/health/scram_server.h"
#include "unit/health/verdict_of.h"

namespace amb {
namespace {

using namespace test;
using namespace std::string_literals;
using enum HealthOptions::Kind;
using Kind = Verdict::Kind;

awaitable<void> hear_startup(Line& line) {
  const std::string size = co_await line.read(4);
  (void)co_await line.read(static_cast<std::size_t>(static_cast<unsigned char>(size.at(3))) - 4);
}

/// Says `answer` to the startup message and then hears what else is said.
Script greeting(std::string answer, std::string* heard = nullptr) {
  return [=](Line& line) -> awaitable<void> {
    co_await hear_startup(line);
    co_await line.say(answer);
    const std::string rest = co_await line.read_to_end();
    if (heard != nullptr) *heard = rest;
  };
}

Verdict postgres_verdict(HealthOptions::Kind kind, const std::string& answer) {
  return verdict_of(options_for(kind), greeting(answer));
}

Verdict verdict_for_named(const std::string& answer) {
  HealthOptions options = options_for(postgres);
  options.database = "shop";
  return verdict_of(options, greeting(answer));
}

TEST(CheckPostgres, IsContentWithADemandForAPassword) {
  for (const std::uint32_t code : {3U, 5U, 7U, 10U}) {
    EXPECT_EQ(postgres_verdict(postgres, pg('R', pg_demand(code, "SCRAM-SHA-256\0\0"s))),
              well("it asks for a password"));
  }
}

TEST(CheckPostgres, EndsASessionThatItWasGiven) {
  std::string heard;
  EXPECT_EQ(verdict_of(options_for(postgres), greeting(pg('R', kLoggedIn) + pg_ready(), &heard)),
            well("it takes sessions"));
  EXPECT_EQ(heard, postgres_terminate());
}

TEST(CheckPostgres, TakesTheServersOwnTroublesForNotWell) {
  const std::pair<std::string, std::string> kTroubles[] = {
      {"57P03", "the database system is starting up"},
      {"57P03", "the database system is shutting down"},
      {"57P03", "the database system is not yet accepting connections"},
      {"53300", "sorry, too many clients already"},
      {"58000", "could not open file"},
      {"XX000", "internal error"},
  };
  for (const auto& [state, message] : kTroubles) {
    const Verdict expected = not_well("it answers: " + message + " (" + state + ")");
    EXPECT_EQ(postgres_verdict(postgres, pg('E', pg_error(state, message))), expected);
    EXPECT_EQ(postgres_verdict(postgres, pg('R', kLoggedIn) + pg('E', pg_error(state, message))), expected);
  }
}

TEST(CheckPostgres, TakesARefusalForAnAnswerOnlyWhereItAskedForNothing) {
  const std::string no_entry = pg('E', pg_error("28000", "no pg_hba.conf entry for host"));
  EXPECT_EQ(postgres_verdict(postgres, no_entry), well("it answers: no pg_hba.conf entry for host (28000)"));
  EXPECT_EQ(verdict_for_named(no_entry), not_well("it answers: no pg_hba.conf entry for host (28000)"));
  const std::string no_database = pg('E', pg_error("3D000", "database \"postgres\" does not exist"));
  EXPECT_EQ(postgres_verdict(postgres, no_database).kind, Kind::well);
  EXPECT_EQ(verdict_for_named(no_database).kind, Kind::not_well);
}

TEST(CheckPostgres, TakesAnErrorWithoutACodeForNotWell) {
  EXPECT_EQ(postgres_verdict(postgres, pg('E', "Mcould not fork\0\0"s)),
            not_well("it answers: could not fork"));
}

TEST(CheckPostgres, LogsInWhereAPasswordIsGiven) {
  HealthOptions options = options_for(postgres);
  options.password = "secret";
  const auto script = [](Line& line) -> awaitable<void> {
    co_await hear_startup(line);
    if (co_await play_scram(line, "secret")) co_await line.say(pg('R', kLoggedIn) + pg_ready());
    (void)co_await line.read_to_end();
  };
  EXPECT_EQ(verdict_of(options, script), well("it takes sessions"));
  options.password = "wrong";
  EXPECT_EQ(verdict_of(options, script),
            not_well("it answers: password authentication failed for user \"joe\" (28P01)"));
}

TEST(CheckPostgres, FailsForAnotherProtocol) {
  for (const auto kind : {postgres, postgres_primary}) {
    EXPECT_EQ(postgres_verdict(kind, "HTTP/1.1 400 Bad Request\r\n\r\n"),
              not_well("its answer is not PostgreSQL's protocol"));
  }
}

TEST(CheckPostgres, FailsWhereNoAnswerComesInTime) {
  for (const auto kind : {postgres, postgres_primary}) {
    HealthOptions options = options_for(kind);
    options.timeout = std::chrono::milliseconds(20);
    EXPECT_EQ(verdict_of(options, silent), not_well("no answer within 20 ms"));
  }
}

/// Lets everybody in and says `row` to the question; keeps the question.
Script recovering(std::string row, std::string* question = nullptr, std::string* goodbye = nullptr) {
  return [=](Line& line) -> awaitable<void> {
    co_await hear_startup(line);
    co_await line.say_byte_by_byte(pg('R', kLoggedIn) + pg_ready());
    const std::string heard = co_await hear_message(line);
    if (question != nullptr) *question = heard;
    co_await line.say_byte_by_byte(row);
    const std::string rest = co_await line.read_to_end();
    if (goodbye != nullptr) *goodbye = rest;
  };
}

TEST(CheckPostgresPrimary, AsksWhetherItIsInRecovery) {
  std::string question, goodbye;
  EXPECT_EQ(verdict_of(options_for(postgres_primary), recovering(pg_row("f"), &question, &goodbye)),
            well("it is the primary"));
  EXPECT_EQ(question, "SELECT pg_catalog.pg_is_in_recovery()\0"s);
  EXPECT_EQ(goodbye, postgres_terminate());
  EXPECT_EQ(verdict_of(options_for(postgres_primary), recovering(pg_row("t"))), standby("it is in recovery"));
}

TEST(CheckPostgresPrimary, FailsForAnswersThatAreNone) {
  const std::string null = pg('D', "\0\1\xff\xff\xff\xff"s) + pg('Z', "I");
  for (const std::string& row : {pg_row("maybe"), pg_row(""), null, pg('Z', "I")}) {
    EXPECT_EQ(verdict_of(options_for(postgres_primary), recovering(row)),
              not_well("its answer to pg_is_in_recovery() is not understood"));
  }
  EXPECT_EQ(
      verdict_of(options_for(postgres_primary), recovering(pg('E', pg_error("42501", "permission denied")))),
      not_well("pg_is_in_recovery() is answered by: permission denied (42501)"));
}

TEST(CheckPostgresPrimary, NeedsToBeLetIn) {
  EXPECT_EQ(postgres_verdict(postgres_primary, pg('R', pg_demand(10, "SCRAM-SHA-256\0\0"s))),
            not_well("it asks postgres for a password, and none is given"));
  EXPECT_EQ(postgres_verdict(postgres_primary, pg('E', pg_error("28000", "no pg_hba.conf entry"))),
            not_well("it answers: no pg_hba.conf entry (28000)"));
  EXPECT_EQ(
      postgres_verdict(postgres_primary, pg('E', pg_error("57P03", "the database system is starting up"))),
      not_well("it answers: the database system is starting up (57P03)"));
}

TEST(CheckPostgresPrimary, LogsInByScram) {
  HealthOptions options = options_for(postgres_primary);
  options.user = "joe";
  options.password = "secret";
  const auto script = [](Line& line) -> awaitable<void> {
    co_await hear_startup(line);
    if (!co_await play_scram(line, "secret")) co_return;
    co_await line.say(pg('R', kLoggedIn) + pg_ready());
    (void)co_await hear_message(line);
    co_await line.say(pg_row("f"));
    (void)co_await line.read_to_end();
  };
  EXPECT_EQ(verdict_of(options, script), well("it is the primary"));
}

}  // namespace
}  // namespace amb
