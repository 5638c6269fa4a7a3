// SPDX-License-Identifier: Apache-2.0
//
// The way from a connection to a PostgreSQL session, or to what stands in it. PostgresPassword answers the
// server's demands and is pure; log_in_to_postgres() does the talking.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "health/conversation.h"
#include "health/postgres_messages.h"
#include "health/salted_passwords.h"
#include "health/scram.h"
#include "health/verdict.h"
#include "wiring/wiring.h"

namespace amb {

/// Answers 'R' messages, of one method and each of its steps once: cleartext, MD5 and SCRAM-SHA-256.
class PostgresPassword {
 public:
  PostgresPassword(std::string user, std::string password);

  /// The message to send, which may be empty, or why there is none.
  std::expected<std::string, std::string> answer(std::string_view demand);
  /// After answer(): the message is prove(the password salted so), which takes a while to work out.
  const std::optional<ScramSalt>& wanted_salt() const { return wanted_salt_; }
  std::string prove(std::string_view salted_password);
  /// After "logged in": nothing, or what is wrong with that.
  std::optional<std::string> objection() const;

 private:
  /// How far it has come. What a server makes us compute, it makes us compute once.
  enum class Step : std::uint8_t { fresh, said, begun, challenged, proven };

  std::expected<std::string, std::string> begin_scram(std::string_view mechanisms);
  std::expected<std::string, std::string> take_challenge(std::string_view challenge);

  std::string user_, password_;
  Step step_ = Step::fresh;
  std::optional<ScramClient> scram_;
  std::optional<ScramSalt> wanted_salt_;
};

struct PostgresLogin {
  enum class End : std::uint8_t {
    ready,            ///< The server waits for a query.
    password_wanted,  ///< It demands one, and none is given.
    refused,          ///< It said no: `error`.
    failed,           ///< Anything else: `failure`.
  };
  End end = End::failed;
  PostgresError error;
  Verdict failure;
};

/// "postgres" unless the options name another one.
std::string postgres_user(const HealthOptions& options);

boost::asio::awaitable<PostgresLogin> log_in_to_postgres(Conversation& talk, const HealthOptions& options,
                                                         SaltedPasswords& salted);

}  // namespace amb
