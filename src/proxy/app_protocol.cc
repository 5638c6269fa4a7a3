// SPDX-License-Identifier: Apache-2.0
#include "proxy/app_protocol.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace amb {

namespace {

/// Whether bytes can be of a protocol; `maybe` while too few have come.
enum class Match : std::uint8_t { no, maybe, yes };

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kTellingBytes)};
}

std::uint8_t at(std::string_view text, std::size_t i) { return static_cast<std::uint8_t>(text[i]); }

/// `text` begins with `word`, or is the beginning of it.
Match match_word(std::string_view text, std::string_view word) {
  if (text.size() >= word.size()) return text.starts_with(word) ? Match::yes : Match::no;
  return word.starts_with(text) ? Match::maybe : Match::no;
}

Match best(Match a, Match b) { return std::max(a, b); }

/// A method and the beginning of what can follow it (RFC 9112, 3).
Match match_http(std::string_view text) {
  constexpr std::array<std::string_view, 9> kMethods = {"GET ",     "HEAD ",    "POST ",  "PUT ",  "DELETE ",
                                                        "OPTIONS ", "CONNECT ", "PATCH ", "TRACE "};
  Match found = Match::no;
  for (const std::string_view method : kMethods) {
    const Match match = match_word(text, method);
    found = best(found, match);
    if (match != Match::yes) continue;
    if (text.size() == method.size()) return Match::maybe;
    const char next = text[method.size()];
    const bool is_host = method == "CONNECT " && next > ' ';
    return next == '/' || next == '*' || next == 'h' || is_host ? Match::yes : Match::no;
  }
  return found;
}

Match match_http2(std::string_view text) { return match_word(text, "PRI * HTTP/2.0\r\n"); }

/// An array of bulk strings, or one of the commands that are also sent inline.
/// https://redis.io/docs/latest/develop/reference/protocol-spec/
Match match_redis(std::string_view text) {
  if (text.starts_with('*')) {
    constexpr std::size_t kMostDigits = 7;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end > 1 + kMostDigits || (end == 1 && end < text.size())) return Match::no;
    return match_word(text.substr(end), "\r\n$");
  }
  constexpr std::array<std::string_view, 4> kInline = {"PING", "AUTH", "INFO", "QUIT"};
  Match found = Match::no;
  for (const std::string_view command : kInline) {
    const std::size_t size = std::min(text.size(), command.size());
    if (!equals_ignoring_case(text.substr(0, size), command.substr(0, size))) continue;
    if (text.size() <= command.size()) {
      found = Match::maybe;
      continue;
    }
    const char next = text[command.size()];
    return next == ' ' || next == '\r' || next == '\n' ? Match::yes : Match::no;
  }
  return found;
}

/// A length of four bytes and a code of four.
/// https://www.postgresql.org/docs/current/protocol-message-formats.html
constexpr std::uint32_t kPostgres3 = 3;
constexpr std::uint32_t kPostgresRequests = 1234;  ///< Upper half of cancel, SSL and GSS encryption requests.
constexpr std::string_view kPostgresTlsRequest("\0\0\0\x08\x04\xd2\x16\x2f", 8);

Match match_postgres(std::string_view text) {
  constexpr std::size_t kHeadBytes = 8;
  constexpr std::size_t kMostHighByte = 0x27;  // the server takes 10,000 bytes at most
  for (std::size_t i = 0; i < std::min<std::size_t>(text.size(), 2); ++i)
    if (at(text, i) != 0) return Match::no;
  if (text.size() >= 3 && at(text, 2) > kMostHighByte) return Match::no;
  if (text.size() < kHeadBytes) return Match::maybe;
  const std::uint32_t major = at(text, 4) * 256U + at(text, 5);
  const std::uint32_t minor = at(text, 6) * 256U + at(text, 7);
  constexpr std::uint32_t kCancel = 5678, kGssEncryption = 5680;
  const bool is_request = major == kPostgresRequests && minor >= kCancel && minor <= kGssEncryption;
  return major == kPostgres3 || is_request ? Match::yes : Match::no;
}

/// A record of version 3.x that holds a ClientHello (RFC 8446, 5.1 and 4).
Match match_tls(std::string_view text) {
  constexpr std::size_t kHeadBytes = 6;
  constexpr std::uint8_t kHandshake = 22, kMajor = 3, kMostMinor = 4, kClientHello = 1;
  if (at(text, 0) != kHandshake) return Match::no;
  if (text.size() >= 2 && at(text, 1) != kMajor) return Match::no;
  if (text.size() >= 3 && at(text, 2) > kMostMinor) return Match::no;
  if (text.size() < kHeadBytes) return Match::maybe;
  return at(text, 5) == kClientHello ? Match::yes : Match::no;
}

/// Packet 0 with protocol version 10 and the server's version in words, or with an error.
/// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
Match match_mysql(std::string_view text) {
  constexpr std::size_t kHeadBytes = 6;
  constexpr std::uint8_t kVersion = 10, kError = 0xff;
  if (text.size() >= 3 && at(text, 2) != 0) return Match::no;  // 64 KiB of greeting
  if (text.size() >= 4 && at(text, 3) != 0) return Match::no;
  if (text.size() >= 5 && at(text, 4) == kError) return Match::yes;
  if (text.size() >= 5 && at(text, 4) != kVersion) return Match::no;
  if (text.size() < kHeadBytes) return Match::maybe;
  return is_digit(text[5]) ? Match::yes : Match::no;
}

struct Row {
  AppProtocol protocol;
  Match (*match)(std::string_view text);
};

AppProtocol recognise(std::span<const std::byte> bytes, std::span<const Row> rows) {
  if (bytes.empty()) return AppProtocol::none;
  const std::string_view text = text_of(bytes);
  bool may_be_more = false;
  for (const Row& row : rows) {
    const Match match = row.match(text);
    if (match == Match::yes) return row.protocol;
    may_be_more |= match == Match::maybe;
  }
  return may_be_more ? AppProtocol::none : AppProtocol::other;
}

}  // namespace

std::string_view to_string(AppProtocol protocol) {
  constexpr std::array<std::string_view, kAppProtocols> kWords = {"none",  "other",    "http",  "http2",
                                                                  "mysql", "postgres", "redis", "tls"};
  return kWords[static_cast<std::size_t>(protocol)];
}

AppProtocol recognise_request(std::span<const std::byte> bytes) {
  constexpr std::array<Row, 5> kRows = {{{AppProtocol::redis, match_redis},
                                         {AppProtocol::http, match_http},
                                         {AppProtocol::tls, match_tls},
                                         {AppProtocol::postgres, match_postgres},
                                         {AppProtocol::http2, match_http2}}};
  return recognise(bytes, kRows);
}

AppProtocol recognise_greeting(std::span<const std::byte> bytes) {
  constexpr std::array<Row, 1> kRows = {{{AppProtocol::mysql, match_mysql}}};
  return recognise(bytes, kRows);
}

bool is_postgres_tls_request(std::span<const std::byte> bytes) {
  return bytes.size() == kPostgresTlsRequest.size() && text_of(bytes) == kPostgresTlsRequest;
}

}  // namespace amb
