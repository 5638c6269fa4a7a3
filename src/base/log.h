// SPDX-License-Identifier: Apache-2.0
//
// The program's voice: one physical line per event on standard error, as text for people or as JSON for
// machines. A thread of its own writes; when the reader of the log is slow, blocked or gone, the oldest lines
// are dropped and counted, and nobody waits. Foreign text is escaped here and nowhere else.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

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
  Log(LogFormat format, LogLevel level);
  ~Log();  ///< Waits at most half a second for the reader to take what is left.

  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
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

  /// Lines lost because the reader did not keep up, has gone, or its disk is full.
  std::uint64_t dropped() const;

 private:
  struct Writer;
  LogFormat format_;
  LogLevel level_;
  LogTap* tap_ = nullptr;
  std::unique_ptr<Writer> writer_;
};

/// One line without its end, for `time` in milliseconds since 1970 UTC.
///   text  2026-11-23T00:14:28.123Z info    listening  link=redis from="variable REDIS_PORT_6379_TCP"
///   json  {"time":"2026-11-23T00:14:28.123Z","level":"info","event":"listening","link":"redis",…}
std::string format_line(LogFormat format, std::int64_t time_ms, LogLevel level, std::string_view event,
                        std::initializer_list<LogField> fields);

}  // namespace amb
