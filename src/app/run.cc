// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <memory>
#include <optional>

#include "admin/admin_server.h"
#include "app/allowance.h"
#include "app/config_source.h"
#include "app/control_desk.h"
#include "app/control_loops.h"
#include "app/descriptor_shares.h"
#include "app/event_hub.h"
#include "app/exit_code.h"
#include "app/journal.h"
#include "app/live_wiring.h"
#include "app/shutdown.h"
#include "app/signals.h"
#include "app/supervisor.h"
#include "app/target_examiner.h"
#include "app/token_source.h"
#include "app/trace_exporter.h"
#include "base/await.h"
#include "discovery/endpoint_list.h"
#include "net/pipe.h"
#include "net/unix_place.h"

namespace amb {

namespace {

/// Every endpoint can be asked at the same moment; of a name we cannot know yet how many it has.
std::size_t endpoints_checked(const std::vector<Link>& links) {
  std::size_t endpoints = 0;
  for (const Link& link : links) {
    if (link.options.health.kind == HealthOptions::Kind::none) continue;
    for (const Target& target : link.targets) endpoints += target.name.empty() ? 1 : kEndpointsOfALink;
  }
  return endpoints;
}

std::size_t listeners_of_each_worker(const std::vector<Link>& links) {
  std::size_t listeners = 0;
  for (const Link& link : links) listeners += link.listen.size();
  return listeners;
}

/// Listeners on UNIX sockets: each path is held by two more descriptors.
std::size_t paths_of(const std::vector<Link>& links) {
  std::size_t paths = 0;
  for (const Link& link : links)
    paths += static_cast<std::size_t>(std::ranges::count_if(link.listen, &SocketAddress::is_unix));
  return paths;
}

class Bounds {
 public:
  Bounds(const Settings& settings, const AdminSettings& admin, const std::vector<Link>& links)
      : descriptors_(raise_descriptor_limit()),
        workers_(settings.workers.value_or(allowed_cpus())),
        has_control_(!admin.control.is_off() || admin.tcp),
        wanted_sessions_(settings.max_sessions),
        shares_(descriptors_, {}) {
    if (!settings.workers) workers_ = workers_that_fit(descriptors_, needs(links));
    if (is_splice_allowed()) pipes_per_worker_ = ::amb::pipes_per_worker(descriptors_, workers_);
    shares_ = DescriptorShares(descriptors_, needs(links));
  }

  unsigned workers() const { return workers_; }
  std::size_t pipes_per_worker() const { return pipes_per_worker_; }
  const DescriptorShares& shares() const { return shares_; }

  /// Beside these links; 0 if there is room for none.
  std::size_t most_sessions(const std::vector<Link>& links) const {
    const std::size_t fit = shares_.sessions(needs(links));
    return std::min(wanted_sessions_.value_or(fit), fit);
  }

 private:
  DescriptorNeeds needs(const std::vector<Link>& links) const {
    return {.workers = workers_,
            .listeners = listeners_of_each_worker(links) * workers_ + 2 * paths_of(links),
            .pipes = 2 * pipes_per_worker_ * workers_,
            .checks = endpoints_checked(links),
            .has_control = has_control_};
  }

  std::size_t descriptors_;
  unsigned workers_;
  std::size_t pipes_per_worker_ = 0;
  bool has_control_;
  std::optional<std::size_t> wanted_sessions_;
  DescriptorShares shares_;
};

/// Within its share of the descriptors.
AdminSettings admin_within(const DescriptorShares& shares, AdminSettings admin) {
  HttpLimits& limits = admin.limits;
  limits.connections = std::min(limits.connections, shares.control_connections());
  limits.streams = std::clamp<std::size_t>(limits.connections / 4, 1, limits.streams);
  return admin;
}

Supervisor::Plan plan_of(const Settings& settings, const Bounds& bounds, LinkTable& links,
                         std::size_t most_sessions) {
  Supervisor::Plan plan{
      .links = links,
      .workers = bounds.workers(),
      .max_sessions = most_sessions,
      .pipes_per_worker = bounds.pipes_per_worker(),
      .most = {.checks = bounds.shares().checks(), .look_up_sockets = bounds.shares().look_ups()},
      .recorded_percent = settings.recorded_percent,
      .has_glimpses = settings.has_glimpses,
      .traced_percent = {}};
  if (settings.traces.is_on()) plan.traced_percent = settings.traces.percent;
  return plan;
}

/// False, after it was told, where a link leads to the control API: only now it is known where that is.
bool keep_links_from_control(const AdminPlaces& control, const AdminSettings& wishes, const LinkTable& links,
                             Supervisor& supervisor, LiveWiring& wiring, Journal& journal) {
  std::vector<SocketAddress> places = control.addresses;
  if (const auto loops = find_control_loops(links.live_links(), places); !loops.empty()) {
    journal.cannot_start(loops.front().what);
    return false;
  }
  for (const SocketAddress& planned : planned_addresses(wishes)) places.push_back(planned);
  supervisor.keep_from(places);
  wiring.keep_from(std::move(places));
  return true;
}

/// What there is to say something, whatever else cannot be had.
struct Voice {
  Voice(LogFormat format, LogLevel level, const std::vector<Link>& its_links)
      : log(format, level), links(its_links), journal(log, links) {}
  Log log;
  LinkTable links;
  Journal journal;
};

LiveWiring::Sources sources_of(ConfigSource& source, const Bounds& bounds, TargetExaminer& examiner) {
  return {.read = [&](auto instead) { return source.read(std::move(instead)); },
          .most_sessions = [&](const auto& wanted) { return bounds.most_sessions(wanted); },
          .examine = [&](Link link, auto timeout) { return examiner.examine(std::move(link), timeout); }};
}

constexpr unsigned kAll = 100;
constexpr std::chrono::milliseconds kLastSpans{2000};  // for those of the last sessions
constexpr const char* kTooFewForListeners =
    "the descriptor limit (ulimit -n) is too low for the listeners and a single session";

void reload(boost::asio::io_context& io, LiveWiring& wiring, std::string_view cause) {
  const auto read = [&wiring, cause = std::string(cause)]() -> boost::asio::awaitable<void> {
    (void)co_await wiring.reload(cause);
  };
  boost::asio::co_spawn(io, read, pass_on);
}

/// Nothing, after it was told, where not one session fits.
std::optional<std::size_t> find_most_sessions(const Bounds& bounds, const Findings& findings,
                                              Journal& journal) {
  const std::size_t most = bounds.most_sessions(findings.links);
  if (most > 0) return most;
  journal.cannot_start(kTooFewForListeners);
  return std::nullopt;
}

/// Null where there is no such file.
std::unique_ptr<TokenSource> watch_token(boost::asio::io_context& io, Background& files, Journal& journal,
                                         const AdminSettings& wishes, AdminServer& admin) {
  if (!wishes.tcp || wishes.token_file.empty()) return nullptr;
  auto token = std::make_unique<TokenSource>(io, files, journal, wishes.token_file,
                                             [&admin](const std::string& now) { admin.set_token(now); });
  token->watch();
  return token;
}

/// `is_ready` is set once everything that was asked for is served.
int run(const CommandLine& line, const Settings& settings, const Findings& findings, Voice& voice,
        bool& is_ready) {
  auto& [log, links, journal] = voice;
  EventHub events(log, links);
  const AdminSettings admin_wishes = admin_settings(settings);
  const Bounds bounds(settings, admin_wishes, findings.links);
  const auto most_sessions = find_most_sessions(bounds, findings, journal);
  if (!most_sessions) return kExitUsage;
  boost::asio::io_context io(1);
  // Before any listener: as PID 1 there is no default action to fall back on.
  Signals signals(io, [&journal] {
    journal.stuck();
    ::_exit(kExitSessionsCut);
  });
  for (const std::string& note : findings.notes) journal.note(note);
  auto supervisor = Supervisor::open(io, plan_of(settings, bounds, links, *most_sessions), journal);
  if (!supervisor) return kExitUsage;

  std::optional<TraceExporter> traces;
  if (settings.traces.is_on()) supervisor->send_spans_by(traces.emplace(io, settings.traces, journal));

  Background files(io);
  ConfigSource source(io, files, line, journal);
  TargetExaminer examiner(io, supervisor->endpoints().look_ups_once(), bounds.shares().examined());
  LiveWiring wiring(links, *supervisor, journal, sources_of(source, bounds, examiner));
  ControlDesk desk({io, links, *supervisor, wiring, events, traces ? &*traces : nullptr},
                   [&] { return source.path(); });
  AdminServer admin(io, desk, admin_within(bounds.shares(), admin_wishes));
  const auto places = admin.start();
  if (!places) {
    journal.cannot_start(places.error().message());
    return kExitUsage;
  }
  const bool is_apart = keep_links_from_control(*places, admin_wishes, links, *supervisor, wiring, journal);
  if (!is_apart || !supervisor->start()) return kExitUsage;
  source.watch([&] { reload(io, wiring, "file"); });
  const auto token = watch_token(io, files, journal, admin_wishes, admin);
  journal.control(*places);
  journal.ready(bounds.workers(), *most_sessions);
  is_ready = true;

  Shutdown shutdown({io, *supervisor, journal, settings.linger, settings.drain});
  signals.start(
      [&](std::string_view name) {
        desk.set_stopping();
        wiring.stop();
        shutdown.on_stop_signal(name);
      },
      [&](std::string_view name) {
        if (name == "SIGHUP" && !shutdown.has_begun()) return reload(io, wiring, name);
        journal.signal_ignored(name, shutdown.has_begun() ? "stopping" : "it has no meaning here");
      });
  io.run();
  admin.stop();
  supervisor->stop_workers();
  if (traces) traces->finish(kLastSpans);
  journal.stopped(shutdown.sessions_cut());
  return shutdown.sessions_cut() == 0 ? kExitOk : kExitSessionsCut;
}

}  // namespace

int run(const CommandLine& line, const Settings& settings, const Findings& findings) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  const LogFormat format = settings.log_format.value_or(is_terminal ? LogFormat::text : LogFormat::json);
  Voice voice(format, settings.log_level, findings.links);
  if (!settings.records_failures) voice.journal.leave_out_failures();
  if (settings.recorded_percent == kAll) voice.journal.count_no_repeats();
  bool is_ready = false;
  try {
    return run(line, settings, findings, voice, is_ready);
  } catch (const std::exception& refused) {  // a thread, a descriptor, memory
    if (is_ready) throw;
    voice.journal.cannot_start(refused.what());
    return kExitUsage;
  }
}

}  // namespace amb
