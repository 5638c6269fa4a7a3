// SPDX-License-Identifier: Apache-2.0
//
// The connection phase of the MySQL protocol, as much of it as a check needs: the server's greeting, a login
// without a password, and what comes back. Pure but for read_mysql_packet().
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "health/conversation.h"

namespace amb {

struct MysqlPacket {
  std::uint8_t sequence = 0;
  std::string payload;  ///< Never empty.

  /// What kind it is: 0x00 OK, 0xff ERR, 0xfe other authentication, 0x0a a greeting.
  std::uint8_t kind() const { return static_cast<std::uint8_t>(payload.front()); }
};

inline constexpr std::uint8_t kMysqlOk = 0x00, kMysqlMoreData = 0x01, kMysqlGreeting = 0x0a,
                              kMysqlSwitch = 0xfe, kMysqlError = 0xff;

struct MysqlError {
  std::uint16_t code = 0;
  std::string sqlstate;  ///< "28000"; empty in errors that take the greeting's place.
  std::string message;

  std::string text() const;  ///< "Too many connections (1040)"
  /// The login alone was refused, to whoever we said we are: the server works.
  bool is_about_login() const;
};

/// Nothing when the conversation has failed, or what comes cannot be MySQL; its failure() says why.
boost::asio::awaitable<std::optional<MysqlPacket>> read_mysql_packet(Conversation& talk);

MysqlError parse_mysql_error(std::string_view payload);
/// The server's version as it greets ("8.0.36", "5.5.5-10.11.6-MariaDB"), or why this is no greeting.
std::expected<std::string, std::string> parse_mysql_greeting(std::string_view payload);
/// The method that a kind 0xfe asks for.
std::string mysql_switched_method(std::string_view payload);

/// HandshakeResponse41 without a password, a database or TLS.
std::string mysql_login(std::uint8_t sequence, std::string_view user);
/// What an empty password is to `method`.
std::string mysql_no_password(std::uint8_t sequence, std::string_view method);
std::string mysql_quit();

}  // namespace amb
