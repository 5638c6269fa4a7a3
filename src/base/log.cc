// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <mutex>

#include "base/text.h"
#include "base/unix_time.h"

namespace amb {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kQueueLines = 512;
constexpr auto kCloseWait = std::chrono::milliseconds(500);
constexpr int kPollMs = 50;

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

/// Writes lines to standard error without ever being caught in write(2): it asks first whether there is room.
/// A pipe that is writable takes PIPE_BUF (4096) bytes at once, pipe(7), and no line is longer.
class PatientSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  /// From `deadline` on, what cannot be written at once is dropped.
  void close_at(Clock::time_point deadline) { deadline_.store(deadline.time_since_epoch().count()); }

  std::uint64_t lost_lines() const { return lost_lines_.load(std::memory_order_relaxed); }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::string_view rest(message.payload.data(), message.payload.size());
    while (!rest.empty() && wait_for_room()) {
      const ssize_t count = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
      if (count < 0 && errno != EAGAIN && errno != EINTR) break;  // closed, or the disk is full
    }
    if (!rest.empty()) lost_lines_.fetch_add(1, std::memory_order_relaxed);
  }
  void flush_() override {}

 private:
  bool wait_for_room() const {
    for (;;) {
      pollfd standard_error{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      const bool is_closing = Clock::now().time_since_epoch().count() >= deadline_.load();
      const int ready = ::poll(&standard_error, 1, is_closing ? 0 : kPollMs);
      if (ready > 0) return (standard_error.revents & (POLLERR | POLLNVAL)) == 0;
      if (is_closing) return false;
    }
  }

  std::atomic<std::uint64_t> lost_lines_{0};
  std::atomic<Clock::rep> deadline_{Clock::time_point::max().time_since_epoch().count()};
};

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

struct Log::Writer {
  Writer()
      : sink(std::make_shared<PatientSink>()),
        pool(std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1)),
        logger(std::make_shared<spdlog::async_logger>("ambassador", sink, pool,
                                                      spdlog::async_overflow_policy::overrun_oldest)) {}

  ~Writer() {
    sink->close_at(Clock::now() + kCloseWait);
    logger.reset();
    pool.reset();  // joins the thread once the queue is empty
  }

  std::shared_ptr<PatientSink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
};

Log::Log(LogFormat format, LogLevel level)
    : format_(format), level_(level), writer_(std::make_unique<Writer>()) {}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < level_ && tap_ == nullptr) return;
  const std::int64_t time_ms = unix_time_ms();
  if (tap_ != nullptr) tap_->on_line(time_ms, level, event, fields);
  if (level < level_) return;
  writer_->logger->log(spdlog::level::critical, format_line(format_, time_ms, level, event, fields) + '\n');
}

std::uint64_t Log::dropped() const { return writer_->pool->overrun_counter() + writer_->sink->lost_lines(); }

}  // namespace amb
