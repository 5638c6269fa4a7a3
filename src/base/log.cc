// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <ctime>

#include "base/text.h"
#include "base/unix_time.h"

namespace amb {

namespace {

std::string_view to_word(LogLevel level) {
  static constexpr std::array<std::string_view, 4> kWords{"debug", "info", "warning", "error"};
  return kWords[static_cast<std::size_t>(level)];
}

std::string format_time(std::int64_t time_ms) {
  const std::time_t seconds = time_ms / 1000;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, time_ms % 1000);
}

std::string text_value(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  const std::string escaped = escape_text(std::get<std::string>(field.value));
  const bool is_plain = !escaped.empty() && escaped.find_first_of(" =,") == std::string::npos;
  return is_plain ? escaped : '"' + escaped + '"';
}

std::string json_value(const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return std::to_string(*number);
  const std::string escaped = escape_text(std::get<std::string>(field.value));
  return boost::json::serialize(boost::json::string(escaped));
}

}  // namespace

std::string format_line(LogFormat format, std::int64_t time_ms, LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields) {
  if (format == LogFormat::text) {
    std::string line = fmt::format("{} {:<7} {}", format_time(time_ms), to_word(level), event);
    for (const LogField& field : fields) line += fmt::format(" {}={}", field.key, text_value(field));
    return line;
  }
  std::string line =
      fmt::format(R"({{"time":"{}","level":"{}","event":"{}")", format_time(time_ms), to_word(level), event);
  for (const LogField& field : fields) line += fmt::format(R"(,"{}":{})", field.key, json_value(field));
  return line + '}';
}

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields,
                const std::optional<Repeated>& repeated) {
  if (level < level_ && tap_ == nullptr) return;
  const std::int64_t time_ms = unix_time_ms();
  if (tap_ != nullptr) tap_->on_line(time_ms, level, event, fields);
  if (level < level_) return;
  writer_.add(format_line(format_, time_ms, level, event, fields), repeated);
}

void Log::write_last(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  writer_.add(format_line(format_, unix_time_ms(), level, event, fields), std::nullopt);
  writer_.end();
}

}  // namespace amb
