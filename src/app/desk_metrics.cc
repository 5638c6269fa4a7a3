// SPDX-License-Identifier: Apache-2.0
//
// The control desk's numbers, for whoever collects them.
#include <chrono>

#include "app/control_desk.h"
#include "app/process_metrics.h"
#include "base/text.h"

namespace amb {

namespace {

template <const auto& Bounds>
HistogramStatus to_status(const Histogram<Bounds>& histogram) {
  return {.bounds_ms = {Bounds.begin(), Bounds.end()},
          .counts = {histogram.counts.begin(), histogram.counts.end()},
          .sum_ms = histogram.sum_ms};
}

void add(const PathReport& from, PathStatus& to) {
  to.sessions += from.sessions;
  to.rtt_us += from.rtt_us;
  to.retransmitted += from.retransmitted;
}

}  // namespace

LinkMetrics ControlDesk::metrics_of(std::size_t link, const Reports& reports) const {
  LinkCounts sum;
  LinkMetrics metrics;
  for (const WorkerReport& report : reports) {
    const LinkReport* of_link = find_link(report, link);
    if (of_link == nullptr) continue;
    sum.connect += of_link->counts.connect;
    sum.first_byte += of_link->counts.first_byte;
    sum.life += of_link->counts.life;
    add(of_link->paths[index(Side::downstream)], metrics.downstream);
    add(of_link->paths[index(Side::upstream)], metrics.upstream);
  }
  metrics.connect = to_status(sum.connect);
  metrics.first_byte = to_status(sum.first_byte);
  metrics.life = to_status(sum.life);
  return metrics;
}

std::vector<ProtocolMetrics> ControlDesk::protocol_metrics(const Reports& reports) {
  std::vector<ProtocolMetrics> protocols;
  for (std::size_t protocol = 0; protocol < kAppProtocols; ++protocol) {
    WaitHistogram sum;
    for (const WorkerReport& report : reports) sum += report.answers[protocol];
    if (sum == WaitHistogram{}) continue;
    protocols.push_back({std::string(to_string(static_cast<AppProtocol>(protocol))), to_status(sum)});
  }
  return protocols;
}

Control::Task<Metrics> ControlDesk::metrics() {
  const Reports reports = co_await ask_workers(Worker::Detail::paths);
  Metrics metrics{.status = status_of(reports),
                  .links = {},
                  .protocols = protocol_metrics(reports),
                  .workers = {},
                  .names = {},
                  .events = parts_.events.counts(),
                  .log_lines_dropped = parts_.events.dropped(),
                  .traces = {},
                  .process = measure_process()};
  if (parts_.traces != nullptr) metrics.traces = parts_.traces->metrics();
  metrics.process.start_s = started_at_s_;
  for (const std::size_t link : parts_.links.live()) metrics.links.push_back(metrics_of(link, reports));
  for (const WorkerReport& report : reports)
    metrics.workers.push_back({report.open, report.cpu_us, report.accept_failures, report.limit_pauses});
  for (const auto& worker : parts_.supervisor.workers())
    metrics.log_lines_dropped += worker->dropped_notices();
  for (const auto& name : parts_.supervisor.endpoints().names()) {
    const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(name.age);
    metrics.names.push_back(
        {escape_text(name.name), static_cast<std::uint64_t>(age.count()), name.is_failing});
  }
  co_return metrics;
}

}  // namespace amb
