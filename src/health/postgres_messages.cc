// SPDX-License-Identifier: Apache-2.0
#include "health/postgres_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace amb {

namespace {

constexpr std::uint32_t kProtocol3 = 3U << 16;
constexpr std::size_t kMessageHeadBytes = 5;
constexpr std::size_t kLengthBytes = 4;

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(number >> shift));
  }
  return bytes;
}

/// Of at least four bytes.
std::uint32_t read_big_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = (number << 8) | static_cast<unsigned char>(bytes[i]);
  return number;
}

/// The length counts itself, but not the type.
std::string with_length(std::string_view body) {
  return big_endian(static_cast<std::uint32_t>(body.size() + kLengthBytes)).append(body);
}
std::string message(char type, std::string_view body) { return std::string(1, type) + with_length(body); }

}  // namespace

std::string PostgresError::text() const {
  return sqlstate.empty() ? message : message + " (" + sqlstate + ")";
}

bool PostgresError::is_servers_own() const {
  constexpr std::array<std::string_view, 5> kClasses = {"53", "57", "58", "F0", "XX"};
  return std::ranges::any_of(kClasses, [this](std::string_view kind) { return sqlstate.starts_with(kind); });
}

std::string postgres_startup(std::string_view user, std::string_view database) {
  std::string body = big_endian(kProtocol3) + c_string("user") + c_string(user);
  if (!database.empty()) body += c_string("database") + c_string(database);
  body += c_string("application_name") + c_string("ambassador health check") + '\0';
  return with_length(body);
}

std::string postgres_password(std::string_view password) { return message('p', c_string(password)); }

std::string postgres_sasl_first(std::string_view mechanism, std::string_view data) {
  const std::string size = big_endian(static_cast<std::uint32_t>(data.size()));
  return message('p', c_string(mechanism) + size + std::string(data));
}

std::string postgres_sasl_next(std::string_view data) { return message('p', data); }

std::string postgres_query(std::string_view statement) { return message('Q', c_string(statement)); }

std::string postgres_terminate() { return message('X', {}); }

boost::asio::awaitable<std::optional<PostgresMessage>> read_postgres_message(Conversation& talk) {
  const auto head = co_await talk.read_exactly(kMessageHeadBytes);
  if (!head) co_return std::nullopt;
  const char type = head->front();
  const std::uint32_t length = read_big_endian(std::string_view(*head).substr(1));
  const bool is_letter = (type >= 'A' && type <= 'Z') || (type >= 'a' && type <= 'z');
  if (!is_letter || length < kLengthBytes || length > Conversation::kMostBytes) {
    talk.object("its answer is not PostgreSQL's protocol");
    co_return std::nullopt;
  }
  auto body = co_await talk.read_exactly(length - kLengthBytes);
  if (!body) co_return std::nullopt;
  PostgresMessage whole;
  whole.type = type;
  whole.body = std::move(*body);
  co_return whole;
}

PostgresError parse_postgres_error(std::string_view body) {
  PostgresError error;
  while (!body.empty() && body.front() != '\0') {
    const char field = body.front();
    const std::size_t end = std::min(body.find('\0'), body.size());
    const std::string_view value = body.substr(1, end - 1);
    if (field == 'C') error.sqlstate = value;
    if (field == 'M') error.message = value;
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return error;
}

std::optional<std::uint32_t> postgres_auth_code(std::string_view body) {
  if (body.size() < 4) return std::nullopt;
  return read_big_endian(body);
}

std::optional<std::string> postgres_first_column(std::string_view body) {
  constexpr std::size_t kCountBytes = 2;
  if (body.size() < kCountBytes + kLengthBytes) return std::nullopt;
  const std::uint32_t size = read_big_endian(body.substr(kCountBytes));
  const std::string_view value = body.substr(kCountBytes + kLengthBytes);
  if (size > value.size()) return std::nullopt;  // NULL has the size -1
  return std::string(value.substr(0, size));
}

}  // namespace amb
