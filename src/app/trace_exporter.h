// SPDX-License-Identifier: Apache-2.0
//
// Sends a span for each session that is to be traced to a collector, as OTLP over HTTP with JSON
// (https://opentelemetry.io/docs/specs/otlp/#otlphttp). On the control thread; whatever the collector does,
// sessions do not notice and memory stays bounded: what the queue cannot hold is dropped and counted.
//
//   add() ──queue──▶ a batch each second ──POST──▶ taken
//                        ▲   └──could not be sent, 429, 502, 503, 504──▶ again, later and later
//                        └── anything else: dropped and counted
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "admin/metrics.h"
#include "admin/otlp_json.h"
#include "app/journal.h"
#include "app/otlp_post.h"
#include "proxy/close_record.h"
#include "wiring/trace_settings.h"

namespace amb {

class TraceExporter {
 public:
  static constexpr std::size_t kMostQueued = 2048;
  static constexpr std::size_t kMostInBatch = 512;

  TraceExporter(boost::asio::io_context& io, TraceSettings settings, Journal& journal);
  ~TraceExporter();
  TraceExporter(const TraceExporter&) = delete;
  TraceExporter& operator=(const TraceExporter&) = delete;

  /// Of a session that ended just now, of this link.
  void add(const CloseRecord& record, const std::string& link);

  /// The program ends: sends what there is, for as long as `patience`, and drops the rest. Runs `io`.
  void finish(std::chrono::milliseconds patience);

  const TraceMetrics& metrics() const { return metrics_; }

 private:
  template <class T>
  using Task = boost::asio::awaitable<T>;

  Task<void> send_batches();
  Task<void> send_batch(std::vector<Span> batch);
  Task<void> wait(std::chrono::milliseconds span);
  Task<void> pause(const ExportOutcome& outcome, unsigned attempts);
  std::chrono::milliseconds pause_after(const ExportOutcome& outcome, unsigned attempts);
  void note(const ExportOutcome& outcome, std::size_t spans);
  std::vector<Span> take_batch();
  bool has_work() const { return !gives_up_ && (!queue_.empty() || in_flight_ != 0); }

  boost::asio::io_context& io_;
  TraceSettings settings_;
  Journal& journal_;
  SpanResource resource_;
  boost::asio::steady_timer wake_;
  std::deque<Span> queue_;
  std::mt19937_64 random_;
  TraceMetrics metrics_;
  std::size_t in_flight_ = 0;  ///< Spans of the batch that is being sent.
  bool is_failing_ = false;
  bool is_finishing_ = false;
  bool gives_up_ = false;  ///< The next attempt would come after finish_by_.
  std::chrono::steady_clock::time_point finish_by_;
};

}  // namespace amb
