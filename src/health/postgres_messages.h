// SPDX-License-Identifier: Apache-2.0
//
// PostgreSQL's wire protocol 3.0, as much of it as a check needs: messages to write, and what is in those
// that come. Pure but for read_postgres_message().
// https://www.postgresql.org/docs/current/protocol-message-formats.html
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "health/conversation.h"

namespace amb {

struct PostgresMessage {
  char type = 0;  ///< 'R' authentication, 'E' error, 'Z' ready for a query, ...
  std::string body;
};

/// What an 'E' says.
struct PostgresError {
  std::string sqlstate;  ///< "57P03"; empty when there was none.
  std::string message;

  std::string text() const;  ///< "the database system is starting up (57P03)"
  /// The server is not able to serve, for now or at all, whoever asks: classes 53 (resources), 57 (operator),
  /// 58 (system), F0 (configuration) and XX (internal). Everything else is about what we asked for.
  bool is_servers_own() const;
};

/// An empty database is the one of the user's name.
std::string postgres_startup(std::string_view user, std::string_view database);
std::string postgres_password(std::string_view password);  ///< Also what an MD5 demand is answered by.
std::string postgres_sasl_first(std::string_view mechanism, std::string_view data);
std::string postgres_sasl_next(std::string_view data);
std::string postgres_query(std::string_view statement);
std::string postgres_terminate();

/// Nothing when the conversation has failed, or what comes cannot be PostgreSQL; its failure() says why.
boost::asio::awaitable<std::optional<PostgresMessage>> read_postgres_message(Conversation& talk);

PostgresError parse_postgres_error(std::string_view body);
/// Of an 'R' message: 0 is "logged in". Nothing when it is too short.
std::optional<std::uint32_t> postgres_auth_code(std::string_view body);
/// The first column of a row ('D') as text, nothing when it is NULL or the row is malformed.
std::optional<std::string> postgres_first_column(std::string_view body);

}  // namespace amb
