// SPDX-License-Identifier: Apache-2.0
#include "health/postgres_login.h"

#include <gtest/gtest.h>

#include "tls/digest.h"
#include "tls/pbkdf2.h"
#include "unit/health/postgres_words.h"
#include "unit/health/scram_server.h"
#include "unit/health/scripted_server.h"

namespace amb {
namespace {

using namespace test;
using namespace std::string_literals;
using End = PostgresLogin::End;

const std::string kScramDemand = pg_demand(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"s);

class Password : public testing::Test {
 protected:
  std::string refusal(const std::string& demand) {
    const auto answer = password_.answer(demand);
    return answer ? "answered" : answer.error();
  }

  PostgresPassword password_{"joe", "secret"};
};

TEST_F(Password, IsSaidInClearWhereThatIsDemanded) {
  EXPECT_EQ(password_.answer(pg_demand(3)), postgres_password("secret"));
}

TEST_F(Password, IsSaltedForMd5) {
  // As PostgreSQL stores it, 'md5' || md5('secretjoe'), hashed once more with the salt behind it.
  const std::string expected = "md5" + md5_hex(md5_hex("secretjoe") + "\1\2\3\4");
  EXPECT_EQ(refusal(pg_demand(5, "\1\2\3")), "its demand for a password is malformed");
  EXPECT_EQ(password_.answer(pg_demand(5, "\1\2\3\4")), postgres_password(expected));
}

std::string key_for(const ScramSalt& wanted) {
  Pbkdf2 work("secret", wanted.salt, wanted.iterations);
  work.advance(wanted.iterations);
  return work.key();
}

TEST_F(Password, IsProvenByScramAndTheServerProvesThatItKnowsIt) {
  ScramServer server("secret");
  const auto first = password_.answer(kScramDemand);
  ASSERT_TRUE(first);
  const auto challenge = server.challenge(first->substr(5));
  EXPECT_EQ(password_.objection(), "it has not proven that it knows the password");
  EXPECT_EQ(password_.answer(pg_demand(11, challenge)), "");
  ASSERT_TRUE(password_.wanted_salt());
  const auto proof = password_.prove(key_for(*password_.wanted_salt()));
  EXPECT_TRUE(server.accepts(proof.substr(5)));
  EXPECT_EQ(password_.answer(pg_demand(12, server.signature())), "");
  EXPECT_FALSE(password_.wanted_salt());
  EXPECT_EQ(password_.objection(), std::nullopt);
}

TEST_F(Password, IsANewNonceEachTime) {
  PostgresPassword other("joe", "secret");
  EXPECT_NE(password_.answer(kScramDemand), other.answer(kScramDemand));
}

TEST_F(Password, IsSaltedOnceInALogin) {
  const auto first = password_.answer(kScramDemand);
  ASSERT_TRUE(first);
  ScramServer server("secret");
  const auto challenge = pg_demand(11, server.challenge(first->substr(5)));
  EXPECT_EQ(password_.answer(challenge), "");
  EXPECT_EQ(refusal(challenge), "it sends more than one SCRAM challenge");
  EXPECT_FALSE(password_.wanted_salt());
}

TEST_F(Password, IsDemandedOnceInALogin) {
  for (const std::string& demand : {pg_demand(3), pg_demand(5, "\1\2\3\4"), kScramDemand}) {
    PostgresPassword password("joe", "secret");
    ASSERT_TRUE(password.answer(demand));
    for (const std::string& again : {pg_demand(3), pg_demand(5, "\1\2\3\4"), kScramDemand}) {
      const auto answer = password.answer(again);
      EXPECT_EQ(answer ? "answered" : answer.error(), "it demands a password more than once");
    }
  }
}

TEST_F(Password, IsNotGivenToDemandsThatAreNotKnown) {
  EXPECT_EQ(refusal(pg_demand(10, "OAUTHBEARER\0\0"s)), "it does not offer SCRAM-SHA-256");
  EXPECT_EQ(refusal(pg_demand(7)), "it wants to be logged in to in a way that is not known here (7)");
  EXPECT_EQ(refusal(pg_demand(11, "r=x")),
            "it wants to be logged in to in a way that is not known here (11)");
  EXPECT_EQ(refusal(pg_demand(12, "v=x")),
            "it wants to be logged in to in a way that is not known here (12)");
  EXPECT_EQ(refusal("\0\0"s), "its demand for a password is malformed");
}

/// How a login ends with a server that plays `script`.
PostgresLogin login(const HealthOptions& options, Script script) {
  asio::io_context io;
  const ScriptedServer server(io, std::move(script));
  KeyDerivation derivation(io);
  SaltedPasswords salted(derivation);
  std::optional<PostgresLogin> result;
  const auto play = [&]() -> awaitable<void> {
    const auto talk = std::make_shared<Conversation>(io, kDeadline);
    EXPECT_FALSE(co_await talk->connect(server.address()));
    result = co_await log_in_to_postgres(*talk, options, salted);
  };
  asio::co_spawn(io, play, asio::detached);
  run_until(io, [&] { return result && server.present() == 0; });
  return result.value_or(PostgresLogin{});
}

HealthOptions given(std::string user, std::string password) {
  HealthOptions options;
  options.user = std::move(user);
  options.password = std::move(password);
  return options;
}

awaitable<std::string> hear_startup(Line& line) {
  std::string startup = co_await line.read(4);
  startup += co_await line.read(static_cast<std::size_t>(static_cast<unsigned char>(startup.at(3))) - 4);
  co_return startup;
}

TEST(PostgresLogin, IsReadyWhereNoPasswordIsDemanded) {
  std::string startup;
  const auto script = [&](Line& line) -> awaitable<void> {
    startup = co_await hear_startup(line);
    co_await line.say_byte_by_byte(pg('R', kLoggedIn) + pg('v', be32(0) + be32(0)) +
                                   pg('N', "Mwelcome\0\0"s) + pg_ready());
  };
  EXPECT_EQ(login({}, script).end, End::ready);
  EXPECT_EQ(startup, postgres_startup("postgres", ""));
}

TEST(PostgresLogin, EndsWhereAPasswordIsWantedAndNoneGiven) {
  const auto script = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await line.say(pg('R', kScramDemand));
    EXPECT_EQ(co_await line.read_to_end(), "");
  };
  EXPECT_EQ(login({}, script).end, End::password_wanted);
}

TEST(PostgresLogin, SendsAPasswordInClear) {
  std::string heard;
  const auto script = [&](Line& line) -> awaitable<void> {
    EXPECT_EQ(co_await hear_startup(line), postgres_startup("joe", ""));
    co_await line.say(pg('R', pg_demand(3)));
    heard = co_await line.read(postgres_password("secret").size());
    co_await line.say(pg('R', kLoggedIn) + pg_ready());
  };
  EXPECT_EQ(login(given("joe", "secret"), script).end, End::ready);
  EXPECT_EQ(heard, postgres_password("secret"));
}

TEST(PostgresLogin, GoesThroughScram) {
  const auto script = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await play_scram(line, "secret");
    co_await line.say(pg('R', kLoggedIn) + pg_ready());
  };
  EXPECT_EQ(login(given("joe", "secret"), script).end, End::ready);
}

TEST(PostgresLogin, DoesNotBelieveAServerThatSkipsItsProof) {
  const auto script = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await line.say(pg('R', kScramDemand));
    (void)co_await line.read(1);
    co_await line.say(pg('R', kLoggedIn) + pg_ready());
  };
  EXPECT_EQ(login(given("joe", "secret"), script).failure,
            not_well("it has not proven that it knows the password"));
}

TEST(PostgresLogin, IsNotReadyBeforeItWasLetIn) {
  const auto script = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await line.say(pg_ready());
  };
  EXPECT_EQ(login({}, script).failure, not_well("it is ready for queries and has not let us in"));
  const auto after_the_proof = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await play_scram(line, "secret");
    co_await line.say(pg_ready());
  };
  EXPECT_EQ(login(given("joe", "secret"), after_the_proof).failure,
            not_well("it is ready for queries and has not let us in"));
}

TEST(PostgresLogin, IsNotReadyWhileTheServerOnlyLetsUsIn) {
  const auto script = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await line.say(pg('R', kLoggedIn));
  };
  EXPECT_EQ(login({}, script).failure, not_well("it closed the connection before it had answered"));
}

TEST(PostgresLogin, IsOverOnceTheServerHasLetUsIn) {
  for (const std::string& demand : {kLoggedIn, pg_demand(3), kScramDemand}) {
    const auto script = [&](Line& line) -> awaitable<void> {
      (void)co_await hear_startup(line);
      co_await line.say(pg('R', kLoggedIn) + pg('R', demand) + pg_ready());
    };
    EXPECT_EQ(login(given("joe", "secret"), script).failure,
              not_well("it has let us in and demands a login again"));
  }
}

TEST(PostgresLogin, KeepsWhatARefusalSays) {
  const auto before = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await line.say(pg('E', pg_error("53300", "sorry, too many clients already")));
  };
  const auto after = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await line.say(pg('R', kLoggedIn) + pg('E', pg_error("3D000", "database \"x\" does not exist")));
  };
  const PostgresLogin full = login({}, before);
  EXPECT_EQ(full.end, End::refused);
  EXPECT_EQ(full.error.text(), "sorry, too many clients already (53300)");
  const PostgresLogin missing = login({}, after);
  EXPECT_EQ(missing.end, End::refused);
  EXPECT_EQ(missing.error.sqlstate, "3D000");
}

TEST(PostgresLogin, FailsForWhatNoLoginHolds) {
  const auto script = [](Line& line) -> awaitable<void> {
    (void)co_await hear_startup(line);
    co_await line.say(pg('T', ""));
  };
  EXPECT_EQ(login({}, script).failure, not_well("it answers the startup message by an unexpected T"));
  EXPECT_EQ(login({}, [](Line& line) -> awaitable<void> { (void)co_await hear_startup(line); }).failure,
            not_well("it closed the connection before it had answered"));
}

}  // namespace
}  // namespace amb
