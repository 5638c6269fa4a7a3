// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "app/allowance.h"
#include "app/exit_code.h"
#include "app/journal.h"
#include "app/signals.h"
#include "app/supervisor.h"
#include "health/health_monitor.h"
#include "net/pipe.h"

namespace amb {

namespace {

/// The end of the program's life: who asked for it, and how far it has come.
class Shutdown {
 public:
  Shutdown(boost::asio::io_context& io, Supervisor& supervisor, Journal& journal,
           std::chrono::milliseconds drain)
      : io_(io), supervisor_(supervisor), journal_(journal), drain_(drain), deadline_(io) {}

  /// TERM or INT: drain; the second time: at once.
  void on_stop_signal(std::string_view signal) {
    if (is_draining_) return cut();
    is_draining_ = true;
    journal_.stopping(signal, supervisor_.open_sessions());
    supervisor_.drain([this] { io_.stop(); });
    deadline_.expires_after(drain_);
    deadline_.async_wait([this](const boost::system::error_code& error) {
      if (!error) cut();
    });
  }

  /// Everything else that would end a program by default.
  void on_other_signal(std::string_view signal) {
    journal_.signal_ignored(signal, is_draining_ ? "stopping" : "the wiring is read at the start only");
  }

  std::size_t sessions_cut() const { return sessions_cut_; }

 private:
  void cut() {
    sessions_cut_ = supervisor_.cut(CloseReason::drain_deadline);
    io_.stop();
  }

  boost::asio::io_context& io_;
  Supervisor& supervisor_;
  Journal& journal_;
  std::chrono::milliseconds drain_;
  boost::asio::steady_timer deadline_;
  bool is_draining_ = false;
  std::size_t sessions_cut_ = 0;
};

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

Supervisor::Plan make_plan(const Settings& settings, const std::vector<Link>& links) {
  Supervisor::Plan plan{.links = links, .workers = settings.workers.value_or(allowed_cpus())};
  const std::size_t limit = raise_descriptor_limit();
  plan.pipes_per_worker = is_splice_allowed() ? pipes_per_worker(limit, plan.workers) : 0;
  std::size_t taken = 2 * plan.pipes_per_worker * plan.workers;
  for (const Link& link : links) taken += link.listen.size() * plan.workers;
  taken += descriptors_for_checks(links);
  const std::size_t fit = sessions_that_fit(limit, taken, plan.workers);
  plan.max_sessions = std::min(settings.max_sessions.value_or(fit), fit);
  return plan;
}

}  // namespace

int run(const Settings& settings, const Findings& findings) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  Log log(settings.log_format.value_or(is_terminal ? LogFormat::text : LogFormat::json), settings.log_level);
  Journal journal(log, findings.links);
  boost::asio::io_context io(1);
  Signals signals(io);  // before any listener: as PID 1 there is no default action to fall back on

  const Supervisor::Plan plan = make_plan(settings, findings.links);
  if (plan.max_sessions == 0) {
    journal.cannot_start(
        "the descriptor limit (ulimit -n) is too low for the listeners and a single session");
    return kExitUsage;
  }
  for (const std::string& note : findings.notes) journal.note(note);
  auto supervisor = Supervisor::open(io, plan, journal);
  if (!supervisor || !supervisor->start()) return kExitUsage;
  journal.ready(plan.workers, plan.max_sessions);

  Shutdown shutdown(io, *supervisor, journal, settings.drain);
  signals.start([&](std::string_view name) { shutdown.on_stop_signal(name); },
                [&](std::string_view name) { shutdown.on_other_signal(name); });
  io.run();
  supervisor->stop_workers();
  journal.stopped(shutdown.sessions_cut());
  return shutdown.sessions_cut() == 0 ? kExitOk : kExitSessionsCut;
}

}  // namespace amb
