// SPDX-License-Identifier: Apache-2.0
//
// The control desk's judgement: how each link fares, and the program with all of them.
#include <algorithm>
#include <chrono>

#include "app/control_desk.h"
#include "base/text.h"
#include "proxy/close_reason.h"

namespace amb {

namespace {

/// What the latest session that found no endpoint met: "10.0.0.5:6379: Connection refused".
std::string latest_error(const std::vector<Failure>& failures) {
  const auto latest = std::ranges::find_if(failures, [](const Failure& failure) {
    const auto reason = parse_close_reason(failure.reason);
    return failure.event == "session_failed" && reason && is_connect_failure(*reason);
  });
  if (latest == failures.end() || latest->error.empty()) return {};
  return latest->where.empty() ? latest->error : latest->where + ": " + latest->error;
}

}  // namespace

Standing ControlDesk::standing_of(std::size_t link, const Reports& reports) {
  const Standing known = parts_.supervisor.endpoints().standing(link);
  if (!known.is("up")) return known;
  ConnectTrend trend;
  for (const WorkerReport& report : reports) {
    if (const LinkReport* of_link = find_link(report, link)) trend += of_link->trend;
  }
  if (trend.failed == 0) return known;
  const std::string error = latest_error(parts_.events.failures(parts_.links[link].name));
  return failing(trend, error, std::chrono::steady_clock::now()).value_or(known);
}

ControlDesk::Standings ControlDesk::standings(const Reports& reports) {
  Standings all;
  for (const std::size_t link : parts_.links.live())
    all.emplace_back(parts_.links[link].name, standing_of(link, reports));
  return all;
}

Standing ControlDesk::standing_of_all(Standings links) const {
  return judge({.stopping_since = stopping_since_,
                .full_since = parts_.supervisor.full_since(),
                .most_sessions = parts_.supervisor.budget().most(),
                .started = started_,
                .links = std::move(links)});
}

Control::Task<Controlled<Readiness>> ControlDesk::readiness(std::string link) {
  if (const auto found = parts_.wiring.find(link); !link.empty() && !found)
    co_return std::unexpected(found.error());
  const Reports reports = co_await ask_workers(Worker::Detail::links);
  const Standings all = standings(reports);
  Standing standing = standing_of_all(all);
  Standings asked = all;
  if (!link.empty()) {
    const auto number = parts_.wiring.find(link);  // it may have gone meanwhile
    if (!number) co_return std::unexpected(number.error());
    asked = {{link, standing_of(*number, reports)}};
    if (!standing.is("stopping")) standing = asked.front().second;
  }
  Readiness readiness{.is_ready = standing.is("ready") || standing.is("up"),
                      .state = standing.state,
                      .reason = escape_text(standing.reason),
                      .since_ms = unix_ms(standing.since),
                      .waits = {}};
  for (const auto& [name, of_link] : asked) {
    const bool is_fine = of_link.is("up") || (of_link.is("drained") && link.empty());
    if (!is_fine) readiness.waits.push_back(name);
  }
  co_return readiness;
}

}  // namespace amb
