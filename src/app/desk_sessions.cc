// SPDX-License-Identifier: Apache-2.0
//
// The control desk's sessions: who is relayed where, the end of one of them, and how many a rewire would
// leave at former endpoints.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <tuple>

#include "app/control_desk.h"
#include "app/gathering.h"
#include "base/text.h"

namespace amb {

namespace {

namespace asio = boost::asio;

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
                             .protocol = std::string(to_string(session->protocol)),
                             .server_name = escape_text(session->hello.server_name),
                             .alpn = escape_text(session->hello.protocols),
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

/// Of a preview it is told, too, whose end or stay it decides.
Control::Task<Controlled<ChangeResult>> ControlDesk::rewire(RewireRequest request) {
  const std::string link = request.link;
  const bool is_preview = request.dry_run;
  auto change = co_await parts_.wiring.rewire(std::move(request));
  if (!is_preview || !change || change->steps.empty()) co_return change;
  const Reports reports = co_await ask_workers(Worker::Detail::links);
  change->former_sessions = former_sessions(link, change->addresses, reports);
  co_return change;
}

/// Of a link that would lead to `addresses`: sessions that are at others, those of former rewires among them.
std::uint64_t ControlDesk::former_sessions(const std::string& link,
                                           const std::vector<SocketAddress>& addresses,
                                           const Reports& reports) const {
  const auto number = parts_.wiring.find(link);
  if (!number) return 0;  // it has gone meanwhile
  std::uint64_t open = 0, staying = 0;
  for (const WorkerReport& report : reports) {
    const LinkReport* of_link = find_link(report, *number);
    if (of_link == nullptr) continue;
    open += of_link->open;
    for (const EndpointReport& endpoint : of_link->endpoints) {
      if (std::ranges::count(addresses, endpoint.address) != 0) staying += endpoint.sessions;
    }
  }
  return open - std::min(open, staying);
}

}  // namespace amb
