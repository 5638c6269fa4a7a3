// SPDX-License-Identifier: Apache-2.0
//
// What can be measured of the running program, as values; and as the text that Prometheus reads
// (https://prometheus.io/docs/instrumenting/exposition_formats/), or OpenMetrics 1.0. docs/operations.md
// lists every metric. Series are bounded: by the links, their endpoints (kMostEndpoints of a link), the
// workers, and words of ours; never by who connects.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin/control.h"

namespace amb {

struct HistogramStatus {
  std::vector<std::uint64_t> bounds_ms;
  std::vector<std::uint64_t> counts;  ///< One for each bound, and for what is longer; not summed up.
  std::uint64_t sum_ms = 0;
};

/// Of open sessions that were looked at.
struct PathStatus {
  std::uint64_t sessions = 0;
  std::uint64_t rtt_us = 0;  ///< Sum.
  std::uint64_t retransmitted = 0;
};

struct LinkMetrics {
  HistogramStatus connect;
  HistogramStatus first_byte;
  HistogramStatus life;
  PathStatus downstream;
  PathStatus upstream;
};

/// How long sessions of a protocol wait for their first byte.
struct ProtocolMetrics {
  std::string protocol;
  HistogramStatus answer;
};

struct WorkerMetrics {
  std::uint64_t sessions = 0;
  std::uint64_t cpu_us = 0;
  std::uint64_t accept_failures = 0;
  std::uint64_t limit_pauses = 0;
};

struct NameMetrics {
  std::string name;
  std::uint64_t age_ms = 0;  ///< Since the last good answer.
  bool is_failing = false;
};

/// Of the process, under the names that every Prometheus client gives them.
struct ProcessMetrics {
  std::uint64_t cpu_us = 0;
  std::uint64_t start_s = 0;                      ///< Since 1970.
  std::optional<std::uint64_t> resident_bytes;    ///< Where /proc tells.
  std::optional<std::uint64_t> open_descriptors;  ///< The same.
  std::uint64_t most_descriptors = 0;
};

/// Spans for a collector of traces.
struct TraceMetrics {
  std::uint64_t exported = 0;
  std::uint64_t dropped = 0;   ///< Not taken, or more than could wait.
  std::uint64_t failures = 0;  ///< Attempts that failed.
};

struct Metrics {
  ProgramStatus status;
  std::vector<LinkMetrics> links;          ///< As status.links.
  std::vector<ProtocolMetrics> protocols;  ///< Those that were seen.
  std::vector<WorkerMetrics> workers;
  std::vector<NameMetrics> names;
  std::map<std::string, std::uint64_t> events;  ///< Lines of the log, by event.
  std::uint64_t log_lines_dropped = 0;
  std::optional<TraceMetrics> traces;  ///< Nothing when they are off.
  ProcessMetrics process;
};

inline constexpr std::size_t kMostEndpoints = 100;

enum class MetricsFormat : bool { prometheus, open_metrics };

std::string to_text(const Metrics& metrics, MetricsFormat format);

/// Of the field Accept.
MetricsFormat metrics_format(std::string_view accept);
std::string_view content_type(MetricsFormat format);

}  // namespace amb
