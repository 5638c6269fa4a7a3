// SPDX-License-Identifier: Apache-2.0
#include "app/human.h"

#include <array>
#include <string_view>

namespace amb {

namespace {

constexpr std::array<std::string_view, 7> kPrefixes = {"", "k", "M", "G", "T", "P", "E"};

/// Three digits of `number`, and which prefix they are to have. Cut, not rounded: 999.9 kB are no MB yet.
std::string three_digits(std::uint64_t number, std::size_t& prefix) {
  std::uint64_t rest = 0;
  for (; number >= 1000; number /= 1000) {
    rest = number % 1000;
    ++prefix;
  }
  std::string text = std::to_string(number);
  if (prefix == 0 || text.size() == 3) return text;
  std::string decimals = std::to_string(1000 + rest).substr(1);  // with its leading zeros
  return text + "." + decimals.substr(0, 3 - text.size());
}

}  // namespace

std::string human_bytes(std::uint64_t bytes) {
  std::size_t prefix = 0;
  const std::string digits = three_digits(bytes, prefix);
  return digits + " " + std::string(kPrefixes[prefix]) + "B";
}

std::string human_count(std::uint64_t count) {
  constexpr std::uint64_t kWritten = 10000;  // below this it is as short as with a prefix
  if (count < kWritten) return std::to_string(count);
  std::size_t prefix = 0;
  const std::string digits = three_digits(count, prefix);
  return digits + std::string(kPrefixes[prefix]);
}

std::string human_plural(std::uint64_t count, std::string_view word) {
  return human_count(count) + " " + std::string(word) + (count == 1 ? "" : "s");
}

std::string human_time(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  if (seconds < kMinute) return std::to_string(seconds) + "s";
  if (seconds < kHour) return std::to_string(seconds / kMinute) + "m";
  const bool is_days = seconds >= kDay;
  const std::int64_t unit = is_days ? kDay : kHour, next = is_days ? kHour : kMinute;
  std::string text = std::to_string(seconds / unit) + (is_days ? "d" : "h");
  const std::int64_t rest = seconds % unit / next;
  return rest == 0 ? text : text + " " + std::to_string(rest) + (is_days ? "h" : "m");
}

}  // namespace amb
