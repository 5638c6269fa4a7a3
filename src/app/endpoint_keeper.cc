// SPDX-License-Identifier: Apache-2.0
#include "app/endpoint_keeper.h"

#include <algorithm>
#include <utility>

#include "wiring/secrets.h"

namespace amb {

namespace {

// What a zone that changes all the time could make us keep; beyond it, endpoints have no limit.
constexpr std::size_t kMostBudgets = 4096;

Milliseconds ms(std::chrono::milliseconds duration) { return static_cast<Milliseconds>(duration.count()); }

RouteLimits limits_of(const LinkOptions& options) {
  const bool holds = options.unavailable.kind == Unavailable::Kind::hold;
  return {.connect_timeout = ms(options.connect_timeout),
          .connect_total = ms(options.connect_total),
          .connect_retries = options.connect_retries,
          .hold = holds ? ms(options.unavailable.hold) : 0,
          .half_close_timeout = ms(options.half_close_timeout),
          .idle_timeout = ms(options.idle_timeout),
          .dead_peer = ms(options.dead_peer),
          .abort_flush = ms(options.abort_flush)};
}

bool is_any_up(const RouteUpdate& update) { return std::ranges::any_of(update.endpoints, &Endpoint::is_up); }

}  // namespace

EndpointKeeper::EndpointKeeper(boost::asio::io_context& io, const LinkTable& links,
                               std::vector<SocketAddress> listeners, Journal& journal,
                               EndpointKeeperEvents& events, AtOnce most)
    : io_(io),
      links_(links),
      journal_(journal),
      events_(events),
      resolver_(io, links, std::move(listeners), static_cast<LinkResolverEvents&>(*this),
                most.look_up_sockets),
      monitor_(io, static_cast<HealthEvents&>(*this), HealthMonitor::random_draw(), most.checks) {
  for (const std::size_t link : links_.live()) set_endpoints(link, resolver_.known_endpoints(link));
}

Route EndpointKeeper::route(std::size_t link) {
  const LinkOptions& given = options(link);
  RouteUpdate first = update_of(link, Cause::change);
  return {.link = static_cast<LinkId>(link),
          .limits = limits_of(given),
          .spreading = {.policy = given.policy,
                        .eject_after = given.eject_after,
                        .eject_for = ms(given.eject_for),
                        .slow_start = ms(given.slow_start),
                        .turns = states_[link].turns},
          .endpoints = std::move(first.endpoints),
          .is_settling = first.is_settling,
          .is_refusing = first.is_refusing,
          .is_drained = first.is_drained,
          .has_names = LinkResolver::has_names(links_[link]),
          .is_checked = is_checked(link)};
}

void EndpointKeeper::start() {
  for (const std::size_t link : links_.live()) check(link);
  resolver_.start();
}

void EndpointKeeper::put(std::size_t link) {
  resolver_.put(link);
  State& state = states_[link];
  state.has_answered = false;
  state.is_fresh = true;
  state.awaits_names = LinkResolver::has_names(links_[link]) && resolver_.known_endpoints(link).empty();
  if (const std::uint32_t most = options(link).endpoint_sessions; most != 0) {
    for (const auto& [address, budget] : state.budgets) budget->set_most(most);
  }  // without a limit the workers let go of them when they hear of it; until then the last one holds
  set_endpoints(link, resolver_.known_endpoints(link));
  check(link);
}

void EndpointKeeper::remove(std::size_t link) {
  resolver_.remove(link);
  monitor_.watch(link, {}, {});
  std::erase_if(draining_, [link](const Draining& one) { return one.link == link; });
  states_[link].fate_elsewhere.reset();
  states_[link].deadline_elsewhere.reset();
}

void EndpointKeeper::forget(std::size_t link) { states_.erase(link); }

void EndpointKeeper::set_drained(std::size_t link, bool is_drained) {
  states_[link].is_drained = is_drained;
  tell(link, Cause::change);
}

std::vector<EndpointKeeper::Known> EndpointKeeper::known(std::size_t link) const {
  std::vector<Known> known;
  const State& state = states_.at(link);
  for (const ResolvedEndpoint& endpoint : state.endpoints) {
    const auto reason = state.reasons.find(endpoint.address.to_string());
    known.push_back({endpoint, monitor_.health_of(link, endpoint.address),
                     reason == state.reasons.end() ? std::string() : reason->second});
  }
  return known;
}

void EndpointKeeper::set_endpoints(std::size_t link, const std::vector<ResolvedEndpoint>& endpoints) {
  State& state = states_[link];
  state.endpoints = endpoints;
  std::set<std::string> present;
  if (!state.reasons.empty()) {
    for (const ResolvedEndpoint& endpoint : endpoints) present.insert(endpoint.address.to_string());
  }
  std::erase_if(state.reasons, [&](const auto& reason) { return !present.contains(reason.first); });
  for (const ResolvedEndpoint& endpoint : endpoints) dialled_ports_.insert(endpoint.address.port());
}

void EndpointKeeper::want(std::size_t link) { resolver_.want(link); }

void EndpointKeeper::check(std::size_t link) {
  std::vector<SocketAddress> addresses;
  for (const ResolvedEndpoint& endpoint : states_[link].endpoints) addresses.push_back(endpoint.address);
  monitor_.watch(link, options(link).health, addresses);
}

void EndpointKeeper::on_endpoints(std::size_t link, const std::vector<ResolvedEndpoint>& endpoints) {
  set_endpoints(link, endpoints);
  check(link);
  states_[link].has_answered = true;
  states_[link].awaits_names = false;
  tell(link, Cause::answer);
  if (states_[link].fate_elsewhere) end_elsewhere_now(link);
}

/// What the endpoint said may quote the password that it was sent. Here it comes in, for the log, the events,
/// `why` and the status alike.
void EndpointKeeper::on_health(std::size_t link, const SocketAddress& endpoint, Health now,
                               const std::string& said) {
  const std::string why = mask_known(said, options(link).health.password);
  states_[link].reasons[endpoint.to_string()] = why;
  journal_.endpoint_health(link, endpoint, now, why);
  tell(link, Cause::change);  // first: no new session goes where others are about to be cut
  now == Health::up ? let_sessions_stay(link, endpoint) : end_sessions(link, endpoint);
}

void EndpointKeeper::tell(std::size_t link, Cause cause) {
  const RouteUpdate update = update_of(link, cause);
  if (!update.is_settling) states_[link].is_fresh = false;
  note_word(link, update);
  tell_journal(link, update);
  events_.on_route(update);
}

/// Without checks an endpoint is taken to be up, and sessions find out.
void EndpointKeeper::tell_journal(std::size_t link, const RouteUpdate& update) {
  if (!is_checked(link) || update.is_settling) return;
  const bool is_available = is_any_up(update);
  if (std::exchange(states_[link].was_available, is_available) == is_available) return;
  journal_.link_availability(link, is_available, is_available ? std::string() : why_none_is_up(link));
}

/// Of UNIX sockets a worker remembers no path, so each of the link's is asked.
void EndpointKeeper::suspect(std::size_t link, const CompactAddress& endpoint) {
  const auto state = states_.find(link);
  if (state == states_.end()) return;
  for (const ResolvedEndpoint& one : state->second.endpoints) {
    if (one.address.port() == endpoint.port() && CompactAddress(one.address) == endpoint)
      monitor_.ask_soon(link, one.address);
  }
}

RouteUpdate EndpointKeeper::update_of(std::size_t link, Cause cause) {
  RouteUpdate update{.link = static_cast<LinkId>(link),
                     .endpoints = {},
                     .is_settling = false,
                     .is_refusing = false,
                     .is_drained = states_[link].is_drained,
                     .is_answer = cause == Cause::answer};
  bool is_any_unknown = false;
  for (const ResolvedEndpoint& resolved : states_[link].endpoints) {
    const Health health = is_checked(link) ? monitor_.health_of(link, resolved.address) : Health::up;
    update.endpoints.push_back(endpoint_of(link, resolved, health));
    is_any_unknown |= health == Health::unknown;
  }
  update.is_settling = is_any_unknown && !is_any_up(update);
  const bool refuses_when_down = options(link).unavailable.kind == Unavailable::Kind::refuse;
  const bool is_expected = states_[link].awaits_names || (states_[link].is_fresh && update.is_settling);
  const bool is_down = !is_any_up(update) && !is_expected;
  update.is_refusing = update.is_drained || (refuses_when_down && is_down);
  return update;
}

Endpoint EndpointKeeper::endpoint_of(std::size_t link, const ResolvedEndpoint& resolved, Health health) {
  const bool is_named = !links_[link].targets[resolved.target].name.empty();
  return {.address = resolved.address,
          .race_group = is_named && !resolved.is_service ? resolved.target + 1 : 0,
          .tier = resolved.tier,
          .weight = resolved.weight,
          .is_weighted = resolved.is_service,
          .is_up = health == Health::up,
          .budget = budget_of(link, resolved.address)};
}

SessionBudget* EndpointKeeper::budget_of(std::size_t link, const SocketAddress& endpoint) {
  const std::uint32_t most = options(link).endpoint_sessions;
  if (most == 0) return nullptr;
  auto& budgets = states_[link].budgets;
  const std::string key = endpoint.to_string();
  if (const auto known = budgets.find(key); known != budgets.end()) return known->second.get();
  if (budgets.size() >= kMostBudgets) return nullptr;
  return budgets.emplace(key, std::make_unique<SessionBudget>(most)).first->second.get();
}

void EndpointKeeper::end_sessions(std::size_t link, const SocketAddress& endpoint) {
  const SessionFate& fate = options(link).on_down;
  const auto id = static_cast<LinkId>(link);
  if (fate.kind == SessionFate::Kind::cut) events_.on_endpoint_cut(id, endpoint);
  if (fate.kind != SessionFate::Kind::drain) return;
  const auto same = [&](const Draining& one) { return one.link == link && one.endpoint == endpoint; };
  if (std::ranges::any_of(draining_, same)) return;  // it was a standby before it went down, or the other way
  auto deadline = std::make_unique<boost::asio::steady_timer>(io_, fate.drain);
  deadline->async_wait([this, id, endpoint](const boost::system::error_code& error) {
    if (error) return;
    events_.on_endpoint_cut(id, endpoint);
    let_sessions_stay(id, endpoint);
  });
  draining_.push_back({link, endpoint, std::move(deadline)});
}

void EndpointKeeper::let_sessions_stay(std::size_t link, const SocketAddress& endpoint) {
  std::erase_if(draining_, [&](const Draining& one) { return one.link == link && one.endpoint == endpoint; });
}

void EndpointKeeper::end_elsewhere(std::size_t link, const SessionFate& fate) {
  State& state = states_[link];
  state.deadline_elsewhere.reset();
  state.fate_elsewhere = fate;
  // Sessions may already be where a name is about to lead.
  if (state.has_answered || !LinkResolver::has_names(links_[link])) end_elsewhere_now(link);
}

void EndpointKeeper::end_elsewhere_now(std::size_t link) {
  State& state = states_[link];
  const SessionFate fate = *std::exchange(state.fate_elsewhere, std::nullopt);
  const auto id = static_cast<LinkId>(link);
  if (fate.kind == SessionFate::Kind::cut) events_.on_elsewhere_cut(id);
  if (fate.kind != SessionFate::Kind::drain) return;
  state.deadline_elsewhere = std::make_unique<boost::asio::steady_timer>(io_, fate.drain);
  state.deadline_elsewhere->async_wait([this, id](const boost::system::error_code& error) {
    if (!error) events_.on_elsewhere_cut(id);
  });
}

}  // namespace amb
