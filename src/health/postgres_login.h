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
#include "health/scram.h"
#include "health/verdict.h"
#include "wiring/wiring.h"

namespace amb {

/// Answers 'R' messages: cleartext, MD5 and SCRAM-SHA-256.
class PostgresPassword {
 public:
  PostgresPassword(std::string user, std::string password, ScramMemory& memory);

  /// The message to send, which may be empty, or why there is none.
  std::expected<std::string, std::string> answer(std::string_view demand);
  /// After "logged in": nothing, or what is wrong with that.
  std::optional<std::string> objection() const;

 private:
  std::expected<std::string, std::string> begin_scram(std::string_view mechanisms);

  std::string user_, password_;
  ScramMemory& memory_;
  std::optional<ScramClient> scram_;
  bool is_proven_ = false;  ///< The server has shown that it knows the password.
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
                                                         ScramMemory& memory);

}  // namespace amb
