// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule.h"

#include <algorithm>
#include <optional>

#include "sim/fake_kernel/kernel.h"

namespace amb::sim {

namespace {

constexpr std::uint16_t kProviderPort = 40'000;  // where a connection may meet itself
constexpr std::uint16_t kEndpointsPerPair = 16;

SocketAddress endpoint_address(LinkId link, std::size_t index) {
  const auto port = static_cast<std::uint16_t>(kProviderPort + link * kEndpointsPerPair + index);
  return *SocketAddress::from_ip("127.0.0.1", port);
}

}  // namespace

Schedule::Schedule(std::uint64_t seed, bool traces, Coverage& coverage)
    : plan_(~seed), scenario_(plan_), kernel_(seed, traces, coverage) {
  kernel_.world = this;
  for (std::size_t i = 0; i < scenario_.pairs.size(); ++i) {
    Pair pair;
    pair.plan = scenario_.pairs[i];
    pair.link = static_cast<LinkId>(i);
    pair.endpoints = pair.plan.known_endpoints;
    pairs_.push_back(std::move(pair));
  }
  std::vector<Route> routes;
  for (const Pair& pair : pairs_) routes.push_back(route_of(pair, endpoints_of(pair, pair.endpoints)));
  worker_ = std::make_unique<SimWorker>(
      std::move(routes),
      SimWorker::Limits{.sessions = scenario_.most_sessions, .pipes = scenario_.most_pipes}, *this);
  oracle_ = std::make_unique<Oracle>(kernel_, pairs_);
  kernel_.witness = oracle_.get();
}

Route Schedule::route_of(const Pair& pair, std::vector<Endpoint> endpoints) {
  return {.link = pair.link,
          .limits = pair.plan.limits,
          .spreading = pair.plan.spreading,
          .endpoints = std::move(endpoints),
          .has_names = pair.plan.has_names};
}

std::vector<Endpoint> Schedule::endpoints_of(const Pair& pair, std::size_t count) {
  std::vector<Endpoint> endpoints;
  for (std::size_t i = 0; i < count; ++i)
    endpoints.push_back({.address = endpoint_address(pair.link, i), .race_group = pair.plan.races ? 1U : 0U});
  return endpoints;
}

void Schedule::run() {
  listen();
  kernel_.faults = scenario_.faults;
  worker_->run();
  kernel_.faults = {};
  come_to_rest();
  oracle_->check_finally();
  check_nothing_is_left();
}

void Schedule::listen() {
  for (Pair& pair : pairs_) {
    pair.listener = &kernel_.make<ListeningSocket>();
    if (!worker_->add_listener(pair.link, kernel_.open(*pair.listener)))
      kernel_.fail("cannot watch a listener");
  }
}

void Schedule::on_session_opened(Session& session) {
  Pair& pair = pairs_[session.link()];
  pair.is_open = true;
  pair.opened_at = kernel_.now();
  if (worker_->open_sessions() > 1) kernel_.saw(Seen::several_sessions);
}

void Schedule::on_session_ended(const Session& session, const CloseRecord& record) {
  Pair& pair = pairs_[session.link()];
  kernel_.trace("session %u has ended: %s", session.link(), to_string(record.reason).data());
  pair.settle_leg(record.upstream.port());
  oracle_->check_ended(pair, record);
  pair.is_open = false;
  pair.has_ended = true;
}

void Schedule::on_resolve_wanted(LinkId link) {
  kernel_.trace("the resolver is asked");
  kernel_.saw(Seen::resolver_asked);
  Pair& pair = pairs_[link];
  pair.wants_resolver = pair.plan.resolver_answers;
  pair.resolver_answers_at = kernel_.now() + pair.plan.resolver_after_ms;
}

void Schedule::on_accepting_paused() {
  if (worker_->free_slots() == 0) kernel_.saw(Seen::session_limit);
}

void Schedule::on_cut(CloseReason reason) {
  kernel_.trace("every session is cut");
  for (Pair& pair : pairs_) {
    if (!pair.is_open) continue;
    pair.cut = reason;
    if (!pair.is_relaying()) {
      kernel_.saw(Seen::cut_while_connecting);
    } else {
      kernel_.saw(pair.has_lost_side() ? Seen::cut_while_aborting : Seen::cut_while_relaying);
    }
  }
}

void Schedule::on_endpoint_cut(LinkId link) {
  Pair& pair = pairs_[link];
  if (pair.is_open && pair.is_relaying()) pair.cut = CloseReason::endpoint_down;
}

void Schedule::on_link_changed(LinkId link) {
  kernel_.trace("link %u leads elsewhere", link);
  pairs_[link].was_rewired = true;
}

void Schedule::on_elsewhere_cut(LinkId link) {
  kernel_.saw(Seen::cut_elsewhere);
  pairs_[link].cut = CloseReason::removed;
}

void Schedule::on_turn_end() {
  if (std::ranges::all_of(pairs_, &Pair::is_done)) worker_->stop();
}

int Schedule::on_connect(Connection& connection, std::uint16_t port) {
  const auto offset = static_cast<std::uint16_t>(port - kProviderPort);
  Pair& pair = pairs_[offset / kEndpointsPerPair];
  const EndpointPlan& plan = pair.plan.endpoints[offset % kEndpointsPerPair];
  connection.set_label(pair.link * 100 + 1 + static_cast<std::uint32_t>(pair.attempts.size()));
  for (const Attempt& other : pair.attempts) {
    const Connection& rival = *other.connection;
    if (!rival.is_closed() && rival.state() == Connection::State::connecting) kernel_.saw(Seen::raced);
  }
  // Whoever wins a race says the same; that nothing of a loser is read the oracle sees by itself.
  connection.in.bytes = pair.attempts.empty() ? ByteStream(kernel_.random.next() >> 1)
                                              : pair.attempts.front().connection->in.bytes;
  const bool is_first = std::ranges::count(pair.attempts, &plan, &Attempt::plan) == 0;
  const Answer answer = pair.plan.restarts && is_first ? Answer::refuses : plan.answer;
  pair.attempts.push_back({&connection, &plan, answer, kernel_.now(), kernel_.now() + plan.after_ms});
  connection.out.bytes = pair.downstream->in.bytes;
  pair.downstream->out.bytes = connection.in.bytes;
  shape(connection);
  far_ends_.push_back(&peers_.emplace_back(connection, plan.peer));
  if (is_ending_) peers_.back().wind_up();
  if (answer == Answer::no_port) {
    kernel_.saw(Seen::connect_failed_at_once);
    kernel_.was_short_of_resources = true;
    return EADDRNOTAVAIL;
  }
  if (answer != Answer::at_once) return EINPROGRESS;
  kernel_.saw(Seen::connected_at_once);
  connection.establish();
  return 0;
}

/// The program has no session left. What it has handed to the kernel still travels, and everyone reads.
void Schedule::come_to_rest() {
  for (Peer& peer : peers_) peer.wind_up();
  for (int steps = 0; act(); ++steps) {
    if (steps > 200'000) kernel_.fail("the world does not come to rest");
  }
}

void Schedule::check_nothing_is_left() {
  for (const Pair& pair : pairs_) {
    const bool was_short = kernel_.has_failed_to_accept || scenario_.most_sessions < pairs_.size();
    if (pair.listener->has_turned_away && !was_short)
      kernel_.fail("a consumer that had got through was turned away");
  }
  if (worker_->open_pipes_after_trimming() != 0) kernel_.fail("a pipe is lent for ever, or was lost");
  worker_.reset();
  if (kernel_.open_count() != 0) kernel_.fail("a descriptor was left open");
}

}  // namespace amb::sim
