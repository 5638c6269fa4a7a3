// SPDX-License-Identifier: Apache-2.0
//
// The values that options have, each as a word or two of text: policies, checks, numbers, ranges. What is
// read here is written back by the function beside it, in one spelling. Durations and addresses have files of
// their own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wiring/complaint.h"
#include "wiring/wiring.h"

namespace amb {

/// "first", "round_robin", "least_sessions", "random".
Checked<Policy> parse_policy(std::string_view text);
std::string format_policy(Policy policy);

/// "reset", "refuse", "hold=5s".
Checked<Unavailable> parse_unavailable(std::string_view text);
std::string format_unavailable(const Unavailable& unavailable);

/// "keep", "cut", "drain=30s".
Checked<SessionFate> parse_session_fate(std::string_view text);
std::string format_session_fate(const SessionFate& fate);

/// The check alone, with what "http://host/path" says of the question.
struct HealthCheck {
  HealthOptions::Kind kind = HealthOptions::Kind::none;
  std::string http_host;
  std::string http_path = "/";
};

/// "none", "tcp", "http", "http:///path", "http://host/path", "redis", "postgres-primary" and so on.
Checked<HealthCheck> parse_health_check(std::string_view text);
std::string format_health_check(const HealthOptions& health);
/// The word alone: "http", "redis-primary".
std::string_view to_string(HealthOptions::Kind kind);

/// "200" or "200-399".
struct StatusRange {
  std::uint16_t low = 0;
  std::uint16_t high = 0;
};
Checked<StatusRange> parse_status_range(std::string_view text);
std::string format_status_range(std::uint16_t low, std::uint16_t high);

/// Digits alone.
Checked<std::uint32_t> parse_number_between(std::string_view text, std::uint32_t least, std::uint32_t most);

/// "20%" or "20", of 50 at most.
Checked<std::uint16_t> parse_jitter(std::string_view text);

/// "0660": four octal digits. Somebody must be allowed to write, as nobody could connect otherwise.
Checked<std::uint16_t> parse_mode(std::string_view text);
std::string format_mode(std::uint16_t mode);

/// A user or a group: a name, or a number.
Checked<std::string> parse_account(std::string_view text);

/// Text for a protocol that separates with zeros and line ends: no control character, at most 512 bytes.
Checked<std::string> parse_plain_text(std::string_view text);

/// Any bytes, at most 1024.
Checked<std::string> parse_bytes(std::string_view text);

/// Text or bytes as they are shown, whole.
std::string show_bytes(std::string_view bytes);

}  // namespace amb
