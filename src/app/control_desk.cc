// SPDX-License-Identifier: Apache-2.0
#include "app/control_desk.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "app/gathering.h"
#include "app/version.h"
#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/option_values.h"
#include "wiring/report.h"

namespace amb {

namespace {

namespace asio = boost::asio;

std::string health_word(Health health) {
  switch (health) {
    case Health::unknown:
      return "unknown";
    case Health::up:
      return "up";
    case Health::down:
      return "down";
    case Health::standby:
      return "standby";
  }
  return "";
}

/// Adds up those that are not 0, by their words.
template <class Key, std::size_t kKeys>
void add_counts(const std::array<std::uint64_t, kKeys>& counts,
                std::vector<std::pair<std::string, std::uint64_t>>& to) {
  for (std::size_t key = 0; key < kKeys; ++key) {
    if (counts[key] == 0) continue;
    const std::string word(to_string(static_cast<Key>(key)));
    const auto known = std::ranges::find(to, word, &std::pair<std::string, std::uint64_t>::first);
    if (known == to.end()) {
      to.emplace_back(word, counts[key]);
    } else {
      known->second += counts[key];
    }
  }
}

}  // namespace

Control::Task<ControlDesk::Reports> ControlDesk::ask_workers(Worker::Detail detail) {
  const auto& workers = parts_.supervisor.workers();
  auto gathering = std::make_shared<Gathering<WorkerReport>>(parts_.io, workers.size());
  for (std::size_t i = 0; i < workers.size(); ++i) {
    workers[i]->report(detail, [&io = parts_.io, gathering, i](WorkerReport report) {
      asio::post(io, [gathering, i, report = std::move(report)]() mutable {
        gathering->take(i, std::move(report));
      });
    });
  }
  co_await wait_for(gathering);
  co_return std::move(gathering->answers);
}

std::vector<EndpointStatus> ControlDesk::endpoints_of(std::size_t link, const Reports& reports) {
  EndpointKeeper& keeper = parts_.supervisor.endpoints();
  std::vector<EndpointStatus> endpoints;
  for (const auto& [endpoint, health, why] : keeper.known(link)) {
    EndpointStatus status{.target = escape_text(parts_.links[link].targets[endpoint.target].text),
                          .address = endpoint.address.to_string(),
                          .health = keeper.is_checked(link) ? health_word(health) : "unchecked",
                          .reason = escape_text(why)};
    for (const WorkerReport& report : reports) {
      const LinkReport* of_link = find_link(report, link);
      if (of_link == nullptr) continue;
      const auto same = std::ranges::find(of_link->endpoints, endpoint.address, &EndpointReport::address);
      if (same == of_link->endpoints.end()) continue;
      status.sessions += same->sessions;
      if (same->is_ejected) ++status.ejected_by;
    }
    endpoints.push_back(std::move(status));
  }
  return endpoints;
}

LinkStatus ControlDesk::status_of(std::size_t number, const Standing& standing, const Reports& reports) {
  const Link& link = parts_.links[number];
  LinkStatus status{.name = link.name,
                    .state = standing.state,
                    .reason = escape_text(standing.reason),
                    .since_ms = unix_ms(standing.since),
                    .on_rewire = format_session_fate(link.options.on_rewire),
                    .endpoints = endpoints_of(number, reports),
                    .endpoints_left_out = parts_.supervisor.endpoints().left_out(number)};
  status.most_sessions = parts_.supervisor.most_sessions(number);
  for (const SocketAddress& address : parts_.supervisor.listeners().bound(link.listen))
    status.listen.push_back(address.to_string());
  for (const Target& target : link.targets) status.upstream.push_back(escape_text(target.text));
  if (const Link* declared = parts_.wiring.declared(number)) {
    for (const Target& target : declared->targets) status.declared.push_back(escape_text(target.text));
  }
  for (const Origin& origin : link.origins) status.from.push_back(escape_text(to_string(origin)));
  for (const WorkerReport& report : reports) {
    const LinkReport* of_link = find_link(report, number);
    if (of_link == nullptr) continue;
    status.sessions += of_link->open;
    status.limit_pauses += of_link->counts.limit_pauses;
    status.opened += of_link->counts.opened;
    status.bytes_to_upstream += of_link->counts.bytes[index(Direction::to_upstream)];
    status.bytes_to_downstream += of_link->counts.bytes[index(Direction::to_downstream)];
    add_counts<CloseReason>(of_link->counts.closed, status.closed);
    add_counts<AppProtocol>(of_link->counts.protocols, status.protocols);
  }
  return status;
}

Control::Task<ProgramStatus> ControlDesk::status() {
  const Reports reports = co_await ask_workers(Worker::Detail::links);
  co_return status_of(reports);
}

ProgramStatus ControlDesk::status_of(const Reports& reports) {
  const auto uptime = std::chrono::steady_clock::now() - started_;
  const Standings of_links = standings(reports);
  const Standing standing = standing_of_all(of_links);
  ProgramStatus status{.version = kVersion,
                       .commit = kCommit,
                       .pid = ::getpid(),
                       .uptime_s = static_cast<std::uint64_t>(
                           std::chrono::duration_cast<std::chrono::seconds>(uptime).count()),
                       .state = standing.state,
                       .reason = escape_text(standing.reason),
                       .since_ms = unix_ms(standing.since),
                       .workers = static_cast<std::uint32_t>(parts_.supervisor.workers().size()),
                       .sessions = parts_.supervisor.open_sessions(),
                       .most_sessions = parts_.supervisor.budget().most(),
                       .generation = parts_.wiring.generation(),
                       .reloads_rejected = parts_.wiring.rejections(),
                       .last_rejection = parts_.wiring.last_rejection(),
                       .config = config_path_(),
                       .links = {}};
  for (std::size_t i = 0; i < of_links.size(); ++i)
    status.links.push_back(status_of(parts_.links.live()[i], of_links[i].second, reports));
  return status;
}

Control::Task<Controlled<WhyAnswer>> ControlDesk::why(std::string link) {
  if (const auto found = parts_.wiring.find(link); !found) co_return std::unexpected(found.error());
  const Reports reports = co_await ask_workers(Worker::Detail::links);
  const auto number = parts_.wiring.find(link);  // it may have gone meanwhile
  if (!number) co_return std::unexpected(number.error());
  LinkStatus status = status_of(*number, standing_of(*number, reports), reports);
  co_return WhyAnswer{.link = link,
                      .state = std::move(status.state),
                      .reason = std::move(status.reason),
                      .since_ms = status.since_ms,
                      .opened = status.opened,
                      .closed = std::move(status.closed),
                      .failures = parts_.events.failures(link)};
}

std::string ControlDesk::wiring_json() {
  Findings findings;
  findings.links = parts_.links.live_links();
  return report_json(findings);
}

}  // namespace amb
