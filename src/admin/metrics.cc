// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

#include <algorithm>
#include <optional>
#include <span>

#include "admin/metrics_writer.h"
#include "base/text.h"
#include "proxy/close_reason.h"

namespace amb {

namespace {

using Labels = MetricsWriter::Labels;
using Unit = MetricsWriter::Unit;

std::string_view side_of(std::string_view word) {
  const auto reason = parse_close_reason(word);
  return reason ? blamed_side(*reason) : "";
}

void write_program(const Metrics& metrics, MetricsWriter& out) {
  const ProgramStatus& status = metrics.status;
  out.gauge("amb_build_info", "What runs; always 1.");
  out.sample({{"version", status.version}, {"commit", status.commit}}, 1);
  out.gauge("amb_ready", "1 while every link has an endpoint and consumers are served.");
  out.sample({}, status.state == "ready" ? 1 : 0);
  out.gauge("amb_state", "1 for the state that the program is in.");
  for (const char* state : {"ready", "degraded", "at_limit", "draining", "settling", "stopping"})
    out.sample({{"state", state}}, status.state == state ? 1 : 0);
  out.gauge("amb_sessions_limit", "Sessions that there can be at once.");
  out.sample({}, status.most_sessions);
  out.gauge("amb_wiring_generation", "Counts the changes of the wiring, from 1.");
  out.sample({}, status.generation);
  out.counter("amb_wiring_rejected", "Reloads that were turned down.");
  out.sample({}, status.reloads_rejected);
  out.gauge("amb_wiring_is_rejected", "1 while the last reload was turned down.");
  out.sample({}, status.last_rejection ? 1 : 0);
  out.counter("amb_events", "Lines of the log, by event, whatever its level.");
  for (const auto& [event, count] : metrics.events) out.sample({{"event", event}}, count);
  out.counter("amb_log_lines_dropped", "Lines that nobody read in time.");
  out.sample({}, metrics.log_lines_dropped);
}

void write_workers(const Metrics& metrics, MetricsWriter& out) {
  const auto each = [&](std::uint64_t WorkerMetrics::* value, Unit unit = Unit::one) {
    for (std::size_t i = 0; i < metrics.workers.size(); ++i)
      out.sample({{"worker", std::to_string(i)}}, metrics.workers[i].*value, unit);
  };
  out.gauge("amb_worker_sessions", "Open sessions of a worker.");
  each(&WorkerMetrics::sessions);
  out.counter("amb_worker_cpu_seconds", "CPU time of a worker's thread.");
  each(&WorkerMetrics::cpu_us, Unit::us);
  out.counter("amb_accept_errors", "Accepting failed for want of descriptors or memory.");
  each(&WorkerMetrics::accept_failures);
  out.counter("amb_accept_pauses", "Accepting waited because the session limit was reached.");
  each(&WorkerMetrics::limit_pauses);
}

void write_sessions(const Metrics& metrics, MetricsWriter& out) {
  const auto each = [&](auto write) {
    for (const LinkStatus& link : metrics.status.links) write(link);
  };
  out.gauge("amb_link_up", "1 while a session would find an endpoint.");
  each([&](const LinkStatus& link) { out.sample({{"link", link.name}}, link.state == "up" ? 1 : 0); });
  out.gauge("amb_sessions", "Open sessions.");
  each([&](const LinkStatus& link) { out.sample({{"link", link.name}}, link.sessions); });
  out.gauge("amb_link_sessions_limit", "Sessions that a link may have at once.");
  each([&](const LinkStatus& link) { out.sample({{"link", link.name}}, link.most_sessions); });
  out.counter("amb_link_accept_pauses", "A link's consumers waited because a limit of sessions was reached.");
  each([&](const LinkStatus& link) { out.sample({{"link", link.name}}, link.limit_pauses); });
  out.counter("amb_sessions_opened", "Sessions that were accepted.");
  each([&](const LinkStatus& link) { out.sample({{"link", link.name}}, link.opened); });
  out.counter("amb_sessions_closed", "Sessions that have ended, by reason and by whose side it was.");
  each([&](const LinkStatus& link) {
    for (const auto& [reason, count] : link.closed)
      out.sample({{"link", link.name}, {"reason", reason}, {"side", side_of(reason)}}, count);
  });
  out.counter("amb_sessions_by_protocol", "Sessions whose first bytes were seen, by what they speak.");
  each([&](const LinkStatus& link) {
    for (const auto& [protocol, count] : link.protocols)
      out.sample({{"link", link.name}, {"protocol", protocol}}, count);
  });
  out.counter("amb_bytes", "Bytes that the kernel took for the receiving side.");
  each([&](const LinkStatus& link) {
    out.sample({{"link", link.name}, {"direction", "to_upstream"}}, link.bytes_to_upstream);
    out.sample({{"link", link.name}, {"direction", "to_downstream"}}, link.bytes_to_downstream);
  });
}

void write_endpoints(const Metrics& metrics, MetricsWriter& out) {
  const auto each = [&](auto write) {
    for (const LinkStatus& link : metrics.status.links) {
      const std::size_t told = std::min(link.endpoints.size(), kMostEndpoints);
      for (std::size_t i = 0; i < told; ++i)
        write({{"link", link.name}, {"endpoint", link.endpoints[i].address}}, link.endpoints[i]);
    }
  };
  out.gauge("amb_endpoints", "Endpoints of a link, by what checks found; unchecked without any.");
  for (const LinkStatus& link : metrics.status.links) {
    for (const char* health : {"up", "down", "standby", "unknown", "unchecked"})
      out.sample(
          {{"link", link.name}, {"health", health}},
          static_cast<std::uint64_t>(std::ranges::count(link.endpoints, health, &EndpointStatus::health)));
  }
  const auto is_any_of = [](const std::string& health, auto... words) { return ((health == words) || ...); };
  out.gauge("amb_endpoint_up",
            "1 if checks find it well, 0 if not; absent for a standby, and while nothing is known.");
  each([&](Labels labels, const EndpointStatus& endpoint) {
    if (is_any_of(endpoint.health, "up", "down")) out.sample(labels, endpoint.health == "up" ? 1 : 0);
  });
  out.gauge("amb_endpoint_standby",
            "1 if it is a replica where the primary is wanted, else 0; absent while nothing is known.");
  each([&](Labels labels, const EndpointStatus& endpoint) {
    if (is_any_of(endpoint.health, "up", "down", "standby"))
      out.sample(labels, endpoint.health == "standby" ? 1 : 0);
  });
  out.gauge("amb_endpoint_sessions", "Sessions at an endpoint, connecting ones included.");
  each([&](Labels labels, const EndpointStatus& endpoint) { out.sample(labels, endpoint.sessions); });
  out.gauge("amb_endpoint_ejected_workers", "Workers that pass it over, because connecting failed.");
  each([&](Labels labels, const EndpointStatus& endpoint) { out.sample(labels, endpoint.ejected_by); });
}

void write_times(const Metrics& metrics, MetricsWriter& out) {
  const auto each = [&](auto histogram) {
    for (std::size_t i = 0; i < metrics.links.size(); ++i)
      out.histogram({{"link", metrics.status.links[i].name}}, metrics.links[i].*histogram);
  };
  out.histograms("amb_connect_seconds", "From accept to a connected upstream.");
  each(&LinkMetrics::connect);
  out.histograms("amb_first_byte_seconds", "From accept to the first byte for the consumer.");
  each(&LinkMetrics::first_byte);
  out.histograms("amb_session_seconds", "From accept to the end of the session.");
  each(&LinkMetrics::life);
  out.histograms("amb_answer_seconds", "From the consumer's first byte to the first byte back.");
  for (const ProtocolMetrics& one : metrics.protocols)
    out.histogram({{"protocol", one.protocol}}, one.answer);
}

void write_paths(const Metrics& metrics, MetricsWriter& out) {
  const auto each = [&](auto write) {
    for (std::size_t i = 0; i < metrics.links.size(); ++i) {
      const std::string& link = metrics.status.links[i].name;
      const LinkMetrics& paths = metrics.links[i];
      if (paths.downstream.sessions != 0) write({{"link", link}, {"side", "downstream"}}, paths.downstream);
      if (paths.upstream.sessions != 0) write({{"link", link}, {"side", "upstream"}}, paths.upstream);
    }
  };
  out.gauge("amb_rtt_seconds", "Mean round-trip time of open sessions that were looked at (TCP_INFO).");
  each([&](Labels labels, const PathStatus& path) {
    out.sample(labels, path.rtt_us / path.sessions, Unit::us);
  });
  out.gauge("amb_retransmitted_segments", "Of open sessions that were looked at, in their whole life.");
  each([&](Labels labels, const PathStatus& path) { out.sample(labels, path.retransmitted); });
}

void write_names(const Metrics& metrics, MetricsWriter& out) {
  out.gauge("amb_name_age_seconds", "Since a name's last good answer.");
  for (const NameMetrics& name : metrics.names) out.sample({{"name", name.name}}, name.age_ms, Unit::ms);
  out.gauge("amb_name_failing", "1 while its last answer was a failure.");
  for (const NameMetrics& name : metrics.names) out.sample({{"name", name.name}}, name.is_failing ? 1 : 0);
}

void write_traces(const TraceMetrics& traces, MetricsWriter& out) {
  out.counter("amb_spans_exported", "Spans that the collector took.");
  out.sample({}, traces.exported);
  out.counter("amb_spans_dropped", "Spans that it did not take, or that were more than could wait.");
  out.sample({}, traces.dropped);
  out.counter("amb_trace_export_failures", "Attempts to send spans that failed.");
  out.sample({}, traces.failures);
}

void write_process(const ProcessMetrics& process, MetricsWriter& out) {
  out.counter("process_cpu_seconds", "CPU time of the process, all threads.");
  out.sample({}, process.cpu_us, Unit::us);
  out.gauge("process_start_time_seconds", "When it began, since 1970 UTC.");
  out.sample({}, process.start_s);
  if (process.resident_bytes) {
    out.gauge("process_resident_memory_bytes", "Memory in use.");
    out.sample({}, *process.resident_bytes);
  }
  if (process.open_descriptors) {
    out.gauge("process_open_fds", "Open descriptors.");
    out.sample({}, *process.open_descriptors);
  }
  out.gauge("process_max_fds", "Most open descriptors.");
  out.sample({}, process.most_descriptors);
}

/// The value of a media range's parameter, without the quotes it may stand in.
std::optional<std::string_view> parameter(std::span<const std::string_view> params, std::string_view name) {
  for (const auto param : params) {
    const std::size_t equals = param.find('=');
    if (equals == std::string_view::npos || !equals_ignoring_case(trim(param.substr(0, equals)), name))
      continue;
    auto value = trim(param.substr(equals + 1));
    if (value.size() > 1 && value.starts_with('"') && value.ends_with('"'))
      value = value.substr(1, value.size() - 2);
    return value;
  }
  return std::nullopt;
}

/// In thousandths: "0.25" is 250. Without a q it is all that can be; with one that is none, nothing.
unsigned quality_of(std::span<const std::string_view> params) {
  constexpr unsigned kMost = 1000;
  const auto text = parameter(params, "q");
  if (!text) return kMost;
  const auto parts = split(*text, '.');
  const auto whole = parse_number<unsigned>(parts.front());
  std::string digits(parts.size() > 1 ? parts[1] : "");
  if (!whole || *whole > 1 || parts.size() > 2 || digits.size() > 3) return 0;
  digits.resize(3, '0');
  return std::min(kMost, *whole * kMost + parse_number<unsigned>(digits).value_or(0));
}

bool is_version(std::span<const std::string_view> params, std::string_view ours) {
  return parameter(params, "version").value_or(ours) == ours;
}

}  // namespace

std::string to_text(const Metrics& metrics, MetricsFormat format) {
  MetricsWriter out(format);
  write_program(metrics, out);
  write_workers(metrics, out);
  write_sessions(metrics, out);
  write_endpoints(metrics, out);
  write_times(metrics, out);
  write_paths(metrics, out);
  write_names(metrics, out);
  if (metrics.traces) write_traces(*metrics.traces, out);
  write_process(metrics.process, out);
  return out.finish();
}

MetricsFormat metrics_format(std::string_view accept) {
  std::optional<unsigned> open_metrics, plain, any_text, any;
  for (const auto one : split(accept, ',')) {
    const auto parts = split(one, ';');
    const auto params = std::span(parts).subspan(1);
    const std::string type = to_lower(trim(parts.front()));
    const unsigned quality = quality_of(params);
    if (type == "application/openmetrics-text" && is_version(params, "1.0.0"))
      open_metrics = std::max(open_metrics.value_or(0), quality);
    if (type == "text/plain" && is_version(params, "0.0.4")) plain = std::max(plain.value_or(0), quality);
    if (type == "text/*") any_text = quality;
    if (type == "*/*") any = quality;
  }
  // What says more precisely what it is for counts (RFC 9110, 12.5.1). Who names neither has the older one.
  const unsigned otherwise = plain.value_or(any_text.value_or(any.value_or(0)));
  const bool is_open = open_metrics.value_or(0) > 0 && *open_metrics >= otherwise;
  return is_open ? MetricsFormat::open_metrics : MetricsFormat::prometheus;
}

std::string_view content_type(MetricsFormat format) {
  return format == MetricsFormat::open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                               : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace amb
