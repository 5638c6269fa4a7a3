// SPDX-License-Identifier: Apache-2.0
//
// What a PostgreSQL server says, for scripts.
#pragma once

#include <cstdint>
#include <string>

namespace amb::test {

inline std::string be32(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 255);
  return bytes;
}

inline std::string pg(char type, const std::string& body) {
  return std::string(1, type) + be32(static_cast<std::uint32_t>(body.size() + 4)) + body;
}

/// An 'R' message's body.
inline std::string pg_demand(std::uint32_t code, const std::string& data = "") { return be32(code) + data; }
inline const std::string kLoggedIn = pg_demand(0);

/// An 'E' message's body.
inline std::string pg_error(const std::string& sqlstate, const std::string& message) {
  std::string body;
  for (const std::string& field : {std::string("SFATAL"), "C" + sqlstate, "M" + message})
    body += field + '\0';
  return body + '\0';
}

/// All that follows a login, up to the readiness for a query.
inline std::string pg_ready() {
  using namespace std::string_literals;
  return pg('S', "server_version\00015.4\0"s) + pg('K', "12345678") + pg('Z', "I");
}

inline std::string pg_row(const std::string& value) {
  using namespace std::string_literals;
  return pg('T', "\0\1pg_is_in_recovery\0"s + std::string(18, '\0')) +
         pg('D', "\0\1"s + be32(static_cast<std::uint32_t>(value.size())) + value) + pg('C', "SELECT 1\0"s) +
         pg('Z', "I");
}

}  // namespace amb::test
