// SPDX-License-Identifier: Apache-2.0
#include "app/control_desk.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>
#include <utility>

#include "app/version.h"
#include "base/text.h"
#include "wiring/listen_address.h"
#include "wiring/option_values.h"
#include "wiring/report.h"

namespace amb {

namespace {

namespace asio = boost::asio;

/// What all workers have to say; the last one to answer wakes whoever waits.
template <class Answer>
struct Gathering {
  Gathering(asio::io_context& io, std::size_t workers) : missing(workers), done(io) {
    answers.resize(workers);
    done.expires_at(std::chrono::steady_clock::time_point::max());
  }

  void take(std::size_t worker, Answer answer) {
    answers[worker] = std::move(answer);
    if (--missing == 0) done.cancel();
  }

  std::vector<Answer> answers;
  std::size_t missing;
  asio::steady_timer done;
};

template <class Answer>
asio::awaitable<void> wait_for(std::shared_ptr<Gathering<Answer>> gathering) {
  if (gathering->missing == 0) co_return;
  (void)co_await gathering->done.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::string health_word(Health health) {
  switch (health) {
    case Health::unknown:
      return "unknown";
    case Health::up:
      return "up";
    case Health::down:
      return "down";
  }
  return "";
}

std::string state_word(const SessionReport& session) {
  switch (session.phase) {
    case Phase::connecting:
      return "connecting";
    case Phase::relaying:
      return session.is_half_closed ? "half_closed" : "relaying";
    case Phase::aborting:
    case Phase::closed:
      return "aborting";
  }
  return "";
}

std::string text_of(const CompactAddress& address) {
  const std::string text = address.to_string();
  return text == "-" ? std::string() : text;
}

void add_closed(const LinkCounts& counts, LinkStatus& status) {
  for (std::size_t reason = 0; reason < counts.closed.size(); ++reason) {
    if (counts.closed[reason] == 0) continue;
    const std::string word(to_string(static_cast<CloseReason>(reason)));
    const auto known = std::ranges::find(status.closed, word, &std::pair<std::string, std::uint64_t>::first);
    if (known == status.closed.end()) {
      status.closed.emplace_back(word, counts.closed[reason]);
    } else {
      known->second += counts.closed[reason];
    }
  }
}

struct SessionId {
  std::size_t worker;
  std::uint32_t number;
};

std::optional<SessionId> parse_session_id(std::string_view id) {
  const auto parts = split(id, '-');
  if (parts.size() != 2) return std::nullopt;
  const auto worker = parse_number<std::size_t>(parts[0]);
  const auto number = parse_number<std::uint32_t>(parts[1]);
  if (!worker || !number) return std::nullopt;
  return SessionId{*worker, *number};
}

ControlError no_session(const std::string& id) {
  return {404, "there is no session '" + escape_text(id, 40) + "'", "an id of `ambassador sessions`", {}};
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

std::string ControlDesk::state_of(std::size_t link) {
  EndpointKeeper& endpoints = parts_.supervisor.endpoints();
  if (endpoints.is_drained(link)) return "drained";
  if (endpoints.is_available(link)) return "up";
  return endpoints.is_settling(link) ? "settling" : "down";
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

LinkStatus ControlDesk::status_of(std::size_t number, const Reports& reports) {
  const Link& link = parts_.links[number];
  LinkStatus status{.name = link.name,
                    .state = state_of(number),
                    .on_rewire = format_session_fate(link.options.on_rewire),
                    .endpoints = endpoints_of(number, reports)};
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
    status.opened += of_link->counts.opened;
    status.bytes_to_upstream += of_link->counts.bytes[index(Direction::to_upstream)];
    status.bytes_to_downstream += of_link->counts.bytes[index(Direction::to_downstream)];
    add_closed(of_link->counts, status);
  }
  return status;
}

Control::Task<ProgramStatus> ControlDesk::status() {
  const Reports reports = co_await ask_workers(Worker::Detail::links);
  co_return status_of(reports);
}

ProgramStatus ControlDesk::status_of(const Reports& reports) {
  const auto uptime = std::chrono::steady_clock::now() - started_;
  ProgramStatus status{.version = kVersion,
                       .commit = kCommit,
                       .pid = ::getpid(),
                       .uptime_s = static_cast<std::uint64_t>(
                           std::chrono::duration_cast<std::chrono::seconds>(uptime).count()),
                       .state = is_stopping_ ? "stopping" : "ready",
                       .workers = static_cast<std::uint32_t>(parts_.supervisor.workers().size()),
                       .sessions = parts_.supervisor.open_sessions(),
                       .most_sessions = parts_.supervisor.budget().most(),
                       .generation = parts_.wiring.generation(),
                       .reloads_rejected = parts_.wiring.rejections(),
                       .last_rejection = parts_.wiring.last_rejection(),
                       .config = config_,
                       .links = {}};
  for (const std::size_t link : parts_.links.live()) status.links.push_back(status_of(link, reports));
  return status;
}

Control::Task<Controlled<SessionList>> ControlDesk::sessions(SessionQuery query) {
  std::optional<std::size_t> only;
  if (!query.link.empty()) {
    const auto found = parts_.wiring.find(query.link);
    if (!found) co_return std::unexpected(found.error());
    only = *found;
  }
  const Reports reports = co_await ask_workers(Worker::Detail::sessions);
  struct Found {
    std::size_t worker;
    const SessionReport* session;
  };
  std::vector<Found> all;
  for (std::size_t worker = 0; worker < reports.size(); ++worker) {
    for (const SessionReport& session : reports[worker].sessions) {
      if (!parts_.links.is_known(session.link)) continue;  // it ended while others were asked
      if (!only || session.link == *only) all.push_back({worker, &session});
    }
  }
  std::ranges::sort(all, {}, [](const Found& found) {
    return std::tuple(-static_cast<std::int64_t>(found.session->age), found.worker, found.session->number);
  });
  SessionList list;
  list.left_out = all.size() - std::min(all.size(), query.most);
  all.resize(std::min(all.size(), query.most));
  for (const auto& [worker, session] : all) {
    list.sessions.push_back({.id = std::to_string(worker) + "-" + std::to_string(session->number),
                             .link = parts_.links[session->link].name,
                             .downstream = text_of(session->downstream),
                             .upstream = text_of(session->upstream),
                             .state = state_word(*session),
                             .bytes_to_upstream = session->bytes[index(Direction::to_upstream)],
                             .bytes_to_downstream = session->bytes[index(Direction::to_downstream)],
                             .age_ms = session->age,
                             .quiet_ms = session->quiet});
  }
  co_return list;
}

Control::Task<Controlled<void>> ControlDesk::close_session(std::string id) {
  const auto parsed = parse_session_id(id);
  const auto& workers = parts_.supervisor.workers();
  if (!parsed || parsed->worker >= workers.size()) co_return std::unexpected(no_session(id));
  auto gathering = std::make_shared<Gathering<bool>>(parts_.io, 1);
  workers[parsed->worker]->close_session(parsed->number, [&io = parts_.io, gathering](bool was_there) {
    asio::post(io, [gathering, was_there] { gathering->take(0, was_there); });
  });
  co_await wait_for(gathering);
  if (!gathering->answers[0]) co_return std::unexpected(no_session(id));
  co_return Controlled<void>();
}

Control::Task<Controlled<WhyAnswer>> ControlDesk::why(std::string link) {
  if (const auto found = parts_.wiring.find(link); !found) co_return std::unexpected(found.error());
  const Reports reports = co_await ask_workers(Worker::Detail::links);
  const auto number = parts_.wiring.find(link);  // it may have gone meanwhile
  if (!number) co_return std::unexpected(number.error());
  LinkStatus status = status_of(*number, reports);
  co_return WhyAnswer{.link = link,
                      .state = std::move(status.state),
                      .opened = status.opened,
                      .closed = std::move(status.closed),
                      .failures = parts_.events.failures(link)};
}

Controlled<Readiness> ControlDesk::readiness(const std::string& link) {
  std::vector<std::size_t> asked = parts_.links.live();
  if (!link.empty()) {
    const auto found = parts_.wiring.find(link);
    if (!found) return std::unexpected(found.error());
    asked = {*found};
  }
  Readiness readiness{.is_ready = !is_stopping_, .state = is_stopping_ ? "stopping" : "ready", .waits = {}};
  bool is_any_settling = false;
  for (const std::size_t number : asked) {
    const std::string state = state_of(number);
    if (state == "up" || (state == "drained" && link.empty())) continue;
    is_any_settling |= state == "settling";
    readiness.waits.push_back(parts_.links[number].name);
  }
  if (is_stopping_ || readiness.waits.empty()) return readiness;
  readiness.is_ready = false;
  readiness.state = is_any_settling ? "settling" : "no endpoint";
  return readiness;
}

std::string ControlDesk::wiring_json() {
  Findings findings;
  findings.links = parts_.links.live_links();
  return report_json(findings);
}

}  // namespace amb
