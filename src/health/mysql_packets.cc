// SPDX-License-Identifier: Apache-2.0
#include "health/mysql_packets.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace amb {

namespace {

constexpr std::size_t kPacketHeadBytes = 4;
// Greetings and errors have one or two hundred bytes; other protocols' first bytes read as millions.
constexpr std::size_t kMostPayloadBytes = 4096;
constexpr std::uint8_t kProtocol10 = kMysqlGreeting;
constexpr std::uint8_t kCharsetUtf8 = 33;

// Capability flags.
constexpr std::uint32_t kLongPassword = 1, kProtocol41 = 0x200, kSecureConnection = 0x8000,
                        kPluginAuth = 0x80000;

std::string little_endian(std::uint32_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(static_cast<unsigned char>(number >> (8 * i)));
  return text;
}

std::uint32_t read_little_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) number = (number << 8) | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::string packet(std::uint8_t sequence, std::string_view payload) {
  return little_endian(static_cast<std::uint32_t>(payload.size()), 3) +
         static_cast<char>(static_cast<unsigned char>(sequence)) + std::string(payload);
}

}  // namespace

std::string MysqlError::text() const { return message + " (" + std::to_string(code) + ")"; }

bool MysqlError::is_about_login() const {
  // Those that do not have the SQLSTATE of a refused login, 28000:
  constexpr std::array<std::uint16_t, 11> kOthers = {
      1203,  // the user has as many sessions as he may
      1226,  // or has used up another limit of his
      1251,  // the server wants a method of authentication that we do not speak
      1275,  // the account's password is of the old kind
      1524,  // the account's plugin is not loaded
      1820,  // its password must be changed, then it may do something
      1862,  // its password has expired
      3118,  // the account is locked
      3159,  // it demands TLS
      3955,  // too many wrong passwords were tried
      4151,  // the account is locked, says MariaDB
  };
  return sqlstate == "28000" || std::ranges::count(kOthers, code) != 0;
}

boost::asio::awaitable<std::optional<MysqlPacket>> read_mysql_packet(Conversation& talk) {
  const auto head = co_await talk.read_exactly(kPacketHeadBytes);
  if (!head) co_return std::nullopt;
  const std::size_t size = read_little_endian(std::string_view(*head).substr(0, 3));
  if (size == 0 || size > kMostPayloadBytes) {
    talk.object("its answer is not MySQL's protocol");
    co_return std::nullopt;
  }
  auto payload = co_await talk.read_exactly(size);
  if (!payload) co_return std::nullopt;
  MysqlPacket whole;
  whole.sequence = static_cast<std::uint8_t>(head->back());
  whole.payload = std::move(*payload);
  co_return whole;
}

MysqlError parse_mysql_error(std::string_view payload) {
  constexpr std::size_t kCodeEnd = 3;  // the kind, and two bytes
  constexpr std::size_t kStateBytes = 5;
  MysqlError error;
  if (payload.size() < kCodeEnd) return error;
  error.code = static_cast<std::uint16_t>(read_little_endian(payload.substr(1, 2)));
  std::string_view text = payload.substr(kCodeEnd);
  if (text.starts_with('#') && text.size() > kStateBytes) {
    error.sqlstate = text.substr(1, kStateBytes);
    text.remove_prefix(1 + kStateBytes);
  }
  error.message = text;
  return error;
}

std::expected<std::string, std::string> parse_mysql_greeting(std::string_view payload) {
  const auto protocol = static_cast<std::uint8_t>(payload.front());
  if (protocol != kProtocol10) {
    return std::unexpected("it greets in the unknown protocol version " + std::to_string(protocol));
  }
  const std::size_t end = payload.find('\0');
  if (end == std::string_view::npos) return std::unexpected("its greeting is malformed");
  return std::string(payload.substr(1, end - 1));
}

std::string mysql_switched_method(std::string_view payload) {
  const std::string_view method = payload.substr(1);
  return std::string(method.substr(0, method.find('\0')));
}

std::string mysql_login(std::uint8_t sequence, std::string_view user) {
  constexpr std::uint32_t kMostPacketBytes = 1U << 24;
  constexpr std::size_t kReserved = 23;
  constexpr char kNoPassword = '\0';  // the length of the answer to the greeting's challenge
  std::string body = little_endian(kLongPassword | kProtocol41 | kSecureConnection | kPluginAuth, 4);
  body += little_endian(kMostPacketBytes, 4);
  body += static_cast<char>(kCharsetUtf8);
  body.append(kReserved, '\0');
  body += c_string(user);
  body += kNoPassword;
  body += c_string("mysql_native_password");
  return packet(sequence, body);
}

std::string mysql_no_password(std::uint8_t sequence, std::string_view method) {
  const bool wants_a_nul = method == "caching_sha2_password" || method == "sha256_password";
  return packet(sequence, wants_a_nul ? std::string_view("\0", 1) : std::string_view());
}

std::string mysql_quit() { return packet(0, "\x01"); }

}  // namespace amb
