// SPDX-License-Identifier: Apache-2.0
#include "health/status_line.h"

#include <algorithm>
#include <cstddef>

namespace amb {

namespace {

constexpr std::size_t kStatusDigits = 3;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<StatusLine> parse_status_line(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/N.N ";
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool is_http = line.size() > kVersion.size() && line.starts_with("HTTP/") && is_digit(line[5]) &&
                       line[6] == '.' && is_digit(line[7]) && line[8] == ' ';
  if (!is_http) return std::nullopt;
  line.remove_prefix(std::min(line.find_first_not_of(' ', kVersion.size()), line.size()));
  const std::string_view digits = line.substr(0, kStatusDigits);
  line.remove_prefix(digits.size());
  if (digits.size() < kStatusDigits || digits.front() == '0' || !std::ranges::all_of(digits, is_digit) ||
      (!line.empty() && line.front() != ' ')) {
    return std::nullopt;
  }
  StatusLine parsed;
  for (const char c : digits) parsed.status = parsed.status * 10 + static_cast<unsigned>(c - '0');
  parsed.reason = line.substr(std::min(line.find_first_not_of(' '), line.size()));
  return parsed;
}

}  // namespace amb
