// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "admin/admin_server.h"
#include "app/allowance.h"
#include "app/config_source.h"
#include "app/control_desk.h"
#include "app/event_hub.h"
#include "app/exit_code.h"
#include "app/journal.h"
#include "app/live_wiring.h"
#include "app/shutdown.h"
#include "app/signals.h"
#include "app/supervisor.h"
#include "app/trace_exporter.h"
#include "health/health_monitor.h"
#include "net/pipe.h"

namespace amb {

namespace {

/// Every endpoint can be asked at the same moment; of a name we cannot know yet how many it has.
std::size_t descriptors_for_checks(const std::vector<Link>& links) {
  constexpr std::size_t kAddressesOfAName = 4;
  std::size_t endpoints = 0;
  for (const Link& link : links) {
    if (link.options.health.kind == HealthOptions::Kind::none) continue;
    for (const Target& target : link.targets) endpoints += target.name.empty() ? 1 : kAddressesOfAName;
  }
  return std::min(endpoints, HealthMonitor::kMostChecks);
}

/// Of the control API: its connections and listeners.
std::size_t descriptors_for_control(const AdminSettings& admin) {
  const bool is_off = admin.control.is_off() && !admin.tcp;
  return is_off ? 0 : admin.limits.connections + 8;
}

struct Bounds {
  unsigned workers = 1;
  std::size_t pipes_per_worker = 0;
  std::size_t descriptors = 0;
  std::size_t for_control = 0;
  std::optional<std::size_t> wanted_sessions;

  /// Beside these links; 0 if there is room for none.
  std::size_t most_sessions(const std::vector<Link>& links) const {
    std::size_t taken = 2 * pipes_per_worker * workers + for_control;
    for (const Link& link : links) taken += link.listen.size() * workers;
    taken += descriptors_for_checks(links);
    const std::size_t fit = sessions_that_fit(descriptors, taken, workers);
    return std::min(wanted_sessions.value_or(fit), fit);
  }
};

Bounds find_bounds(const Settings& settings, const AdminSettings& admin) {
  Bounds bounds{.workers = settings.workers.value_or(allowed_cpus()),
                .descriptors = raise_descriptor_limit(),
                .for_control = descriptors_for_control(admin),
                .wanted_sessions = settings.max_sessions};
  bounds.pipes_per_worker = is_splice_allowed() ? pipes_per_worker(bounds.descriptors, bounds.workers) : 0;
  return bounds;
}

Supervisor::Plan plan_of(const Settings& settings, const Bounds& bounds, LinkTable& links,
                         std::size_t most_sessions) {
  Supervisor::Plan plan{.links = links,
                        .workers = bounds.workers,
                        .max_sessions = most_sessions,
                        .pipes_per_worker = bounds.pipes_per_worker,
                        .recorded_percent = settings.recorded_percent,
                        .has_glimpses = settings.has_glimpses,
                        .traced_percent = {}};
  if (settings.traces.is_on()) plan.traced_percent = settings.traces.percent;
  return plan;
}

constexpr std::chrono::milliseconds kLastSpans{2000};  // for those of the last sessions
constexpr const char* kTooFewForListeners =
    "the descriptor limit (ulimit -n) is too low for the listeners and a single session";

}  // namespace

int run(const CommandLine& line, const Settings& settings, const Findings& findings) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  Log log(settings.log_format.value_or(is_terminal ? LogFormat::text : LogFormat::json), settings.log_level);
  LinkTable links(findings.links);
  Journal journal(log, links);
  if (!settings.records_failures) journal.leave_out_failures();
  EventHub events(log, links);
  boost::asio::io_context io(1);
  Signals signals(io);  // before any listener: as PID 1 there is no default action to fall back on

  const AdminSettings admin_wishes = admin_settings(settings);
  const Bounds bounds = find_bounds(settings, admin_wishes);
  const std::size_t most_sessions = bounds.most_sessions(findings.links);
  if (most_sessions == 0) {
    journal.cannot_start(kTooFewForListeners);
    return kExitUsage;
  }
  for (const std::string& note : findings.notes) journal.note(note);
  auto supervisor = Supervisor::open(io, plan_of(settings, bounds, links, most_sessions), journal);
  if (!supervisor) return kExitUsage;

  std::optional<TraceExporter> traces;
  if (settings.traces.is_on()) supervisor->send_spans_by(traces.emplace(io, settings.traces, journal));

  ConfigSource source(io, line, journal);
  LiveWiring wiring(links, *supervisor, journal,
                    {.read = [&] { return source.read(); },
                     .most_sessions = [&](const auto& wanted) { return bounds.most_sessions(wanted); }});
  ControlDesk desk({io, links, *supervisor, wiring, events, traces ? &*traces : nullptr});
  AdminServer admin(io, desk, admin_wishes);
  const auto places = admin.start();
  if (!places) {
    journal.cannot_start(places.error().message());
    return kExitUsage;
  }
  if (!supervisor->start()) return kExitUsage;
  desk.set_config(source.path());
  source.watch([&] { (void)wiring.reload("file"); });
  journal.control(*places);
  journal.ready(bounds.workers, most_sessions);

  Shutdown shutdown({io, *supervisor, journal, settings.linger, settings.drain});
  signals.start(
      [&](std::string_view name) {
        desk.set_stopping();
        wiring.stop();
        shutdown.on_stop_signal(name);
      },
      [&](std::string_view name) {
        if (name == "SIGHUP" && !shutdown.has_begun()) return (void)wiring.reload(name);
        journal.signal_ignored(name, shutdown.has_begun() ? "stopping" : "it has no meaning here");
      });
  io.run();
  admin.stop();
  supervisor->stop_workers();
  if (traces) traces->finish(kLastSpans);
  journal.stopped(shutdown.sessions_cut());
  return shutdown.sessions_cut() == 0 ? kExitOk : kExitSessionsCut;
}

}  // namespace amb
