// SPDX-License-Identifier: Apache-2.0
//
// The program's voice: one physical line per event on standard error, as text for people or as JSON for
// machines. Nobody waits for the reader of the log (log_writer.h). Foreign text is escaped here and nowhere
// else.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/log_writer.h"

namespace amb {

enum class LogFormat { text, json };
enum class LogLevel { debug, info, warning, error };

/// One "key=value" of a line. Keys are ours: lower case, no spaces.
struct LogField {
  std::string_view key;
  std::variant<std::string, std::int64_t> value;

  LogField(std::string_view name, std::string text) : key(name), value(std::move(text)) {}
  LogField(std::string_view name, std::string_view text) : key(name), value(std::string(text)) {}
  LogField(std::string_view name, const char* text) : key(name), value(std::string(text)) {}
  LogField(std::string_view name, std::int64_t number) : key(name), value(number) {}
};

/// Hears every line that is written, on the thread that writes it.
class LogTap {
 public:
  virtual void on_line(std::int64_t time_ms, LogLevel level, std::string_view event,
                       std::initializer_list<LogField> fields) = 0;

 protected:
  ~LogTap() = default;
};

class Log {
 public:
  /// Its end waits at most half a second for the reader to take what is left.
  Log(LogFormat format, LogLevel level) : format_(format), level_(level) {}

  /// A line that only says again what others said may be counted rather than written; the tap hears of each.
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields,
             const std::optional<Repeated>& repeated = std::nullopt);
  void info(std::string_view event, std::initializer_list<LogField> fields) {
    write(LogLevel::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields) {
    write(LogLevel::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields) {
    write(LogLevel::error, event, fields);
  }

  /// Hears the lines from now on, whatever their level; null ends that. From the thread that writes.
  void set_tap(LogTap* tap) { tap_ = tap; }

  /// From any thread, and not for the tap: the program ends now, whatever the others are at. Returns once the
  /// line is written, or half a second is over.
  void write_last(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

  /// Writes now how many lines were counted until now.
  void tell_repeats() { writer_.tell_repeats(); }

  /// Lines lost because the reader did not keep up, has gone, or its disk is full.
  std::uint64_t dropped() const { return writer_.dropped(); }

 private:
  LogFormat format_;
  LogLevel level_;
  LogTap* tap_ = nullptr;
  LogWriter writer_;
};

/// One line without its end, for `time` in milliseconds since 1970 UTC.
///   text  2026-11-23T00:14:28.123Z info    listening  link=redis from="variable REDIS_PORT_6379_TCP"
///   json  {"time":"2026-11-23T00:14:28.123Z","level":"info","event":"listening","link":"redis",…}
std::string format_line(LogFormat format, std::int64_t time_ms, LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields);

}  // namespace amb
