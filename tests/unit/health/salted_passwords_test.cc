// SPDX-License-Identifier: Apache-2.0
#include "health/salted_passwords.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "unit/health/scripted_server.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;
using Salted = std::expected<std::string, Verdict>;

constexpr std::uint32_t kEndless = 4'000'000'000;  // an hour of work

const Verdict kOurOwn = undecided("too many passwords are hashed at once");

std::string key_of(const std::string& password, const ScramSalt& salt) {
  Pbkdf2 work(password, salt.salt, salt.iterations);
  work.advance(salt.iterations);
  return work.key();
}

class SaltedPasswordsTest : public testing::Test {
 protected:
  /// One check that wants a key; what became of it.
  struct Check {
    std::shared_ptr<Conversation> talk;
    std::optional<Salted> key;
    bool is_connected = false;
  };

  std::shared_ptr<Check> begin(SaltedPasswords& salted, ScramSalt salt, milliseconds timeout = kDeadline) {
    auto check = std::make_shared<Check>();
    check->talk = std::make_shared<Conversation>(io_, timeout);
    asio::co_spawn(io_, play(check, salted, std::move(salt), server_.address()), asio::detached);
    return check;
  }
  Salted end(const std::shared_ptr<Check>& check) {
    run_until(io_, [&] { return check->key.has_value(); });
    return check->key.value_or(std::unexpected(undecided("no end")));
  }

  asio::io_context io_;
  KeyDerivation derivation_{io_};
  ScriptedServer server_{io_, silent};

 private:
  static awaitable<void> play(std::shared_ptr<Check> check, SaltedPasswords& salted, ScramSalt salt,
                              SocketAddress server) {
    EXPECT_FALSE(co_await check->talk->connect(server));
    check->is_connected = true;
    check->key = co_await salted.salt("secret", std::move(salt), *check->talk);
  }
};

TEST_F(SaltedPasswordsTest, AreThoseOfPbkdf2ForEachSaltAndCount) {
  SaltedPasswords salted(derivation_);
  for (const std::uint32_t iterations : {1U, 2U, 4096U, 4097U, 10'000U}) {
    for (const std::string bytes : {"salt", "pepper"}) {
      const ScramSalt salt{bytes, iterations};
      EXPECT_EQ(end(begin(salted, salt)), key_of("secret", salt)) << iterations;
    }
  }
}

TEST_F(SaltedPasswordsTest, AreKeptForTheNextCheck) {
  SaltedPasswords salted(derivation_);
  ASSERT_TRUE(end(begin(salted, {"salt", 100})));
  const auto again = begin(salted, {"salt", 100});
  auto waiting = begin(salted, {"salt", kEndless}, milliseconds(50));
  EXPECT_TRUE(end(again));
  EXPECT_FALSE(end(waiting));
  EXPECT_TRUE(end(begin(salted, {"salt", 100}))) << "a key that came too late has not taken its place";
}

TEST_F(SaltedPasswordsTest, TakeNoLongerThanTheCheckMay) {
  SaltedPasswords salted(derivation_);
  Salted late = end(begin(salted, {"salt", kEndless}, milliseconds(200)));
  // On a busy machine the thread may not have begun by then, which decides nothing.
  for (int again = 0; again < 50 && late == std::unexpected(kOurOwn); ++again)
    late = end(begin(salted, {"salt", kEndless}, milliseconds(200)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Verdict::Kind::not_well);
  EXPECT_TRUE(late.error().why.starts_with("its 4000000000 SCRAM iterations take about "))
      << late.error().why;
}

TEST_F(SaltedPasswordsTest, AreWorkedOutInTurns) {
  std::vector<std::unique_ptr<SaltedPasswords>> greedy;
  std::vector<std::shared_ptr<Check>> slow;
  for (int i = 0; i < 8; ++i) {
    greedy.push_back(std::make_unique<SaltedPasswords>(derivation_));
    slow.push_back(begin(*greedy.back(), {"salt", kEndless}));
  }
  SaltedPasswords salted(derivation_);
  EXPECT_TRUE(end(begin(salted, {"salt", 3 * KeyDerivation::kIterationsInATurn})));
  for (const auto& check : slow) {
    EXPECT_FALSE(check->key) << "they are still at it";
    check->talk->close();
  }
  for (const auto& check : slow) EXPECT_FALSE(end(check));
}

TEST_F(SaltedPasswordsTest, ThatAreLateForOurOwnReasonsDecideNothing) {
  // The thread is held up by whoever came first; this one alone would have been in time.
  std::vector<std::unique_ptr<SaltedPasswords>> greedy;
  std::vector<std::shared_ptr<Check>> slow;
  for (int i = 0; i < 200; ++i) {
    greedy.push_back(std::make_unique<SaltedPasswords>(derivation_));
    slow.push_back(begin(*greedy.back(), {"salt", kEndless}));
  }
  SaltedPasswords salted(derivation_);
  const auto late = end(begin(salted, {"salt", 3 * KeyDerivation::kIterationsInATurn}, milliseconds(300)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), kOurOwn);
  for (const auto& check : slow) check->talk->close();
  for (const auto& check : slow) EXPECT_FALSE(end(check));
}

TEST_F(SaltedPasswordsTest, StopAtOnceWhenNobodyAsksAnyMore) {
  SaltedPasswords salted(derivation_);
  const auto check = begin(salted, {"salt", kEndless});
  run_until(io_, [&] { return check->is_connected; });
  asio::post(io_, [&] { check->talk->close(); });
  EXPECT_FALSE(end(check));
}

}  // namespace
}  // namespace amb
