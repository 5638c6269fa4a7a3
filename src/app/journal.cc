// SPDX-License-Identifier: Apache-2.0
#include "app/journal.h"

#include <cerrno>
#include <cstring>

#include "app/version.h"
#include "wiring/option_values.h"

namespace amb {

namespace {

template <class Item, class ToText>
std::string join(const std::vector<Item>& items, ToText to_text) {
  std::string text;
  for (const Item& item : items) text += (text.empty() ? "" : ", ") + to_text(item);
  return text;
}

std::string join_hosts(const std::vector<SocketAddress>& addresses) {
  // Those of a service have ports, and may differ in nothing else.
  const auto shown = [](const SocketAddress& a) { return a.port() == 0 ? a.host() : a.to_string(); };
  return addresses.empty() ? "nothing" : join(addresses, shown);
}

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

constexpr std::chrono::seconds kMovesWindow{60};

/// Of lines that say this of the same link or name, most are only counted when there are many.
Repeated repeated(std::string_view event, std::string_view whose, std::string_view what = {}) {
  return {.key = std::string(event) + ' ' + std::string(whose) + ' ' + std::string(what)};
}

std::string describe(int error) {
  if (error == ELOOP)
    return "the link leads back to this ambassador";  // of a session; the kernel's is of paths
  return error == 0 ? std::string() : strerrordesc_np(error);
}

}  // namespace

void Journal::listening(std::size_t link, const SocketAddress& address) {
  log_.info("listening", {{"link", name(link)},
                          {"address", address.to_string()},
                          {"from", join(links_[link].origins, [](const Origin& o) { return to_string(o); })},
                          {"targets", join_targets(links_[link])}});
}

void Journal::listen_failed(const Link& link, const SocketAddress& address, const Error& error) {
  log_.error("listen_failed", {{"link", link.name},
                               {"address", address.to_string()},
                               {"from", to_string(link.origins.front())},
                               {"error", error.message()}});
}

void Journal::cannot_start(const std::string& error) { log_.error("cannot_start", {{"error", error}}); }

void Journal::note(const std::string& sentence) { log_.info("note", {{"text", sentence}}); }

void Journal::control(const AdminPlaces& places) {
  for (const std::string& sentence : places.notes) log_.write(LogLevel::debug, "note", {{"text", sentence}});
  if (!places.failure.empty()) {
    log_.warning(
        "control_failed",
        {{"error", places.failure},
         {"consequence", "no command can talk to this ambassador; AMBASSADOR_CONTROL names a place"}});
  }
  if (!places.control.empty()) log_.info("control", {{"address", places.control}});
  if (!places.tcp.empty()) log_.info("control", {{"address", places.tcp}});
}

void Journal::ready(unsigned workers, std::size_t max_sessions) {
  log_.info("ready", {{"version", kVersion},
                      {"links", number(links_.live().size())},
                      {"workers", std::int64_t{workers}},
                      {"max_sessions", number(max_sessions)}});
}

void Journal::moved(const std::string& name, const std::vector<SocketAddress>& was,
                    const std::vector<SocketAddress>& now) {
  Repeated moves = repeated("moved", name);
  moves.told = 3;  // a name whose addresses rotate moves with each answer
  moves.window = kMovesWindow;
  log_.write(LogLevel::info, "moved", {{"name", name}, {"was", join_hosts(was)}, {"now", join_hosts(now)}},
             moves);
}

void Journal::resolve_failed(const std::string& name, const std::string& error, bool keeps_addresses) {
  log_.write(LogLevel::warning, "resolve_failed",
             {{"name", name},
              {"error", error},
              {"consequence", keeps_addresses ? "the last known addresses stay in use"
                                              : "sessions fail until the name has an address"}},
             repeated("resolve_failed", name, error));
}

void Journal::refused(std::size_t link, const EndpointList::Refused& refused) {
  log_.write(LogLevel::warning, "endpoint_refused",
             {{"link", name(link)},
              {"name", refused.name},
              {"address", refused.address.to_string()},
              {"error", refused.why}},
             repeated("endpoint_refused", name(link), refused.name));
}

void Journal::left_out(std::size_t link, std::size_t endpoints) {
  log_.warning("endpoints_left_out", {{"link", name(link)},
                                      {"left_out", static_cast<std::int64_t>(endpoints)},
                                      {"most", std::int64_t{kEndpointsOfALink}},
                                      {"consequence", "each target leads to a part of its addresses"}});
}

void Journal::watch_failed(const std::string& path, const std::string& error, std::string_view consequence) {
  log_.warning("watch_failed", {{"path", path}, {"error", error}, {"consequence", consequence}});
}

void Journal::token_changed(const std::string& path) { log_.info("token_changed", {{"path", path}}); }

void Journal::token_rejected(const std::string& path, const std::string& error,
                             std::string_view consequence) {
  log_.warning("token_rejected", {{"path", path}, {"error", error}, {"consequence", consequence}});
}

void Journal::endpoint_health(std::size_t link, const SocketAddress& endpoint, Health now,
                              const std::string& why) {
  const char* event = now == Health::up        ? "endpoint_up"
                      : now == Health::standby ? "endpoint_standby"
                                               : "endpoint_down";
  log_.write(now == Health::down ? LogLevel::warning : LogLevel::info, event,
             {{"link", name(link)}, {"endpoint", endpoint.to_string()}, {"reason", why}});
}

void Journal::link_availability(std::size_t link, bool is_available, const std::string& why) {
  if (is_available) return log_.info("link_available", {{"link", name(link)}});
  const Unavailable::Kind kind = links_[link].options.unavailable.kind;
  const char* consequence = kind == Unavailable::Kind::refuse ? "connections are refused until one is up"
                            : kind == Unavailable::Kind::hold ? "sessions wait for one to be up"
                                                              : "sessions are reset until one is up";
  log_.warning(
      "link_unavailable",
      {{"link", name(link)}, {"reason", why}, {"error", "no endpoint is up"}, {"consequence", consequence}});
}

void Journal::endpoint_ejected(const EndpointEjected& ejected) {
  log_.warning("endpoint_ejected", {{"link", name(ejected.link)},
                                    {"endpoint", ejected.endpoint.to_string()},
                                    {"error", describe(ejected.error)},
                                    {"consequence", "new sessions go elsewhere for a while"}});
}

void Journal::endpoint_back(const EndpointBack& back) {
  log_.info("endpoint_back", {{"link", name(back.link)}, {"endpoint", back.endpoint.to_string()}});
}

void Journal::notice(const Notice& notice) {
  if (const auto* record = std::get_if<CloseRecord>(&notice)) session_ended(*record);
  if (const auto* failed = std::get_if<AcceptFailed>(&notice)) accept_failed(*failed);
  if (const auto* reached = std::get_if<SessionLimitReached>(&notice)) session_limit(*reached);
  if (const auto* loop = std::get_if<LoopFound>(&notice)) loop_found(*loop);
  if (const auto* ejected = std::get_if<EndpointEjected>(&notice)) endpoint_ejected(*ejected);
  if (const auto* back = std::get_if<EndpointBack>(&notice)) endpoint_back(*back);
}

void Journal::session_ended(const CloseRecord& record) {
  if (!record.is_recorded) return;
  const bool has_failed = record.reason != CloseReason::eof;
  // A consumer that resets is its own business; everything else is ours or the provider's.
  const bool is_news = has_failed && record.reason != CloseReason::client_reset;
  const LogLevel level = has_failed && leaves_out_failures_ ? LogLevel::debug
                         : is_news                          ? LogLevel::warning
                                                            : LogLevel::info;
  log_.write(level, has_failed ? "session_failed" : "session_ended",
             {{"link", name(record.link)},
              {"reason", to_string(record.reason)},
              {"side", blamed_side(record.reason)},
              {"downstream", record.downstream.to_string()},
              {"upstream", record.upstream.to_string()},
              {"bytes_to_upstream", number(record.bytes_to_upstream)},
              {"bytes_to_downstream", number(record.bytes_to_downstream)},
              {"connect_ms", number(record.connect_time)},
              {"life_ms", number(record.life_time)},
              {"relay", record.has_spliced ? "splice" : "copy"},
              {"protocol", to_string(record.protocol)},
              {"server_name", record.hello ? record.hello->server_name : ""},
              {"alpn", record.hello ? record.hello->protocols : ""},
              {"error", describe(record.error)}},
             has_failed && counts_repeats_
                 ? std::optional(repeated("session_failed", name(record.link), to_string(record.reason)))
                 : std::nullopt);
}

void Journal::accept_failed(const AcceptFailed& failed) {
  log_.warning("accept_paused", {{"link", name(failed.link)},
                                 {"reason", "accept failed"},
                                 {"errno", strerrorname_np(failed.error)},
                                 {"error", describe(failed.error)}});
}

void Journal::wiring_changed(std::string_view why, std::uint64_t generation,
                             const std::vector<PlanStep>& steps) {
  const auto event = [](PlanStep::Kind kind) {
    if (kind == PlanStep::Kind::change) return "link_changed";
    return kind == PlanStep::Kind::add ? "link_added" : "link_removed";
  };
  for (const PlanStep& step : steps) {
    log_.info(event(step.kind),
              {{"link", step.link}, {"details", join(step.details, [](const std::string& d) { return d; })}});
  }
  log_.info("wiring_changed", {{"cause", why},
                               {"generation", number(generation)},
                               {"changes", number(steps.size())},
                               {"links", number(links_.live().size())}});
}

void Journal::wiring_rejected(std::string_view why, std::uint64_t generation, const Problems& problems) {
  for (const Problem& problem : listed(problems)) {
    log_.error("wiring_problem", {{"from", to_string(problem.origin)},
                                  {"value", problem.value},
                                  {"problem", problem.what},
                                  {"accepted", problem.accepted}});
  }
  log_.error("wiring_rejected", {{"cause", why},
                                 {"problems", number(problems.total())},
                                 {"generation", number(generation)},
                                 {"consequence", "the wiring stays as it is"}});
}

void Journal::rewired(std::size_t link, const std::string& was, const SessionFate& existing) {
  log_.info("rewired", {{"link", name(link)},
                        {"was", was},
                        {"now", join_targets(links_[link])},
                        {"existing", format_session_fate(existing)}});
}

void Journal::rewire_ended(const std::string& link, std::string_view why) {
  log_.info("rewire_ended", {{"link", link}, {"why", why}});
}

void Journal::drained(std::size_t link, bool is_drained) {
  log_.info(is_drained ? "link_drained" : "link_resumed", {{"link", name(link)}});
}

void Journal::traces_failed(const std::string& collector, const std::string& error, bool tries_again) {
  log_.warning("traces_failed", {{"collector", collector},
                                 {"error", error},
                                 {"consequence", tries_again ? "spans wait, and beyond 2048 they are dropped"
                                                             : "these spans are dropped"}});
}

void Journal::traces_back(const std::string& collector) {
  log_.info("traces_back", {{"collector", collector}});
}

void Journal::signal_ignored(std::string_view signal, std::string_view why) {
  log_.info("signal_ignored", {{"signal", signal}, {"why", why}});
}

void Journal::stopping(std::string_view signal, std::size_t sessions) {
  log_.info("stopping", {{"signal", signal}, {"sessions", number(sessions)}});
}

void Journal::stopped(std::size_t sessions_cut) {
  log_.tell_repeats();
  say_lost_lines();
  log_.write(sessions_cut == 0 ? LogLevel::info : LogLevel::warning, "stopped",
             {{"sessions_cut", number(sessions_cut)}});
}

void Journal::stuck() {
  log_.write_last(
      LogLevel::error, "stuck",
      {{"error", "asked to stop, the program does not answer: its control thread waits for something"},
       {"consequence", "it ends now, and sessions that are left are reset"}});
}

void Journal::lost_lines(std::uint64_t notices) {
  lost_notices_ = notices;
  const auto now = std::chrono::steady_clock::now();
  if (now - lost_said_at_ < std::chrono::seconds(1)) return;
  lost_said_at_ = now;
  say_lost_lines();
}

void Journal::say_lost_lines() {
  const std::uint64_t lost = lost_notices_ + log_.dropped();
  if (lost == lost_said_) return;
  lost_said_ = lost;
  log_.warning("log_dropped", {{"lines", number(lost)}, {"error", "the log was not read in time"}});
}

}  // namespace amb
