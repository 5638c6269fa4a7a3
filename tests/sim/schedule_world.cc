// SPDX-License-Identifier: Apache-2.0
//
// What happens around our program, and when. Everything is drawn from the seed: who acts next, how much of
// it, and how often our program gets to see it in between. Time passes when nothing else can happen, and a
// little at any moment.
#include <algorithm>
#include <cerrno>
#include <limits>

#include "sim/fake_kernel/kept_memory.h"
#include "sim/schedule.h"

namespace amb::sim {

namespace {

constexpr Ms kNever = std::numeric_limits<Ms>::max();
constexpr Ms kKeepalive = 120'000;       // 60 s idle and six probes
constexpr Ms kRetransmission = 924'000;  // tcp_retries2
constexpr int kTurnsWithoutProgress = 200;
constexpr int kMostTurns = 100'000;
constexpr int kJumpsBeforeEnding = 3;
constexpr int kJumpsBeforeGivingUp = 5000;

/// When our kernel gives up a peer that has vanished.
Ms times_out_at(const Connection& connection) {
  if (!connection.has_vanished() || connection.is_lost() || connection.is_closed()) return kNever;
  if (connection.unacknowledged() > 0) return connection.vanished_at() + kRetransmission;
  return connection.keeps_alive ? connection.vanished_at() + kKeepalive : kNever;
}

}  // namespace

void Schedule::on_wait(int timeout_ms) {
  if (timeout_ms != 0) oracle_->check_asleep(kept_memory() - worker_->idle_buffer_bytes());

  check_spinning();
  const Ms deadline = timeout_ms < 0 ? kNever : kernel_.now() + static_cast<Ms>(timeout_ms);
  kernel_.trace("wait for %d ms", timeout_ms);
  for (std::uint64_t i = kernel_.random.below(scenario_.burst + 1); i > 0; --i) (void)act();
  if (kernel_.random.one_in(60) && !far_ends_.empty()) {
    kernel_.saw(Seen::spurious_wake_up);
    far_ends_[kernel_.random.below(far_ends_.size())]->connection().wake();
  }
  if (kernel_.random.one_in(4)) kernel_.advance(kernel_.random.below(20));
  if (kernel_.strikes(scenario_.stops_once_in)) stop_process();
  while (!kernel_.epoll().has_ready() && kernel_.now() < deadline) {
    if (act()) {
      jumps_ = 0;
    } else {
      jump(deadline);
    }
  }
}

void Schedule::check_spinning() {
  const std::uint64_t progress = kernel_.progress() + acts_;
  const bool has_progress = progress != last_progress_;
  last_progress_ = progress;
  turns_without_progress_ = has_progress ? 0 : turns_without_progress_ + 1;
  if (turns_without_progress_ > kTurnsWithoutProgress)
    kernel_.fail("the program wakes up again and again for nothing");
  if (++turns_ > kMostTurns) kernel_.fail("the program takes turns without end");
}

/// Nothing can happen but time.
void Schedule::jump(Ms deadline) {
  const bool some_end =
      std::ranges::any_of(pairs_, [&](const Pair& pair) { return oracle_->ends_by_itself(pair); });
  const Ms event = next_event();
  if (deadline == kNever && event == kNever && !some_end && is_ending_) kernel_.fail("asleep for ever");
  if (++jumps_ > kJumpsBeforeEnding && !some_end && event == kNever && begin_ending()) return;
  if (jumps_ > kJumpsBeforeGivingUp) kernel_.fail("a session never ends");
  const Ms until = std::min(deadline, event);
  if (until == kNever) return;
  kernel_.progressed();
  kernel_.trace("%llu ms pass", static_cast<unsigned long long>(until - kernel_.now()));
  kernel_.advance(until - kernel_.now());
}

/// When something can happen that cannot yet.
Ms Schedule::next_event() const {
  const Ms now = kernel_.now();
  Ms next = kNever;
  for (const Pair& pair : pairs_) {
    if (pair.wants_resolver && pair.resolver_answers_at > now)
      next = std::min(next, pair.resolver_answers_at);
    for (const Attempt& attempt : pair.attempts) {
      const bool waits = attempt.connection->state() == Connection::State::connecting;
      if (waits && !attempt.connection->is_closed() && attempt.answers_at > now)
        next = std::min(next, attempt.answers_at);
    }
  }
  for (const Peer& peer : peers_) {
    if (const Ms at = peer.resumes_at(now); at != 0) next = std::min(next, at);
    const Connection& connection = peer.connection();
    if (const Ms at = times_out_at(connection); at != kNever) next = std::min(next, std::max(now + 1, at));
  }
  return next;
}

/// Everybody who would stay for ever ends now, in order or by the operator's hand.
bool Schedule::begin_ending() {
  if (is_ending_) return false;
  is_ending_ = true;
  if (oracle_->is_nothing_kept() && worker_->open_pipes_after_trimming() != 0) {
    kernel_.fail("a session that moves nothing keeps a pipe");
  }
  kernel_.trace("the end begins");
  if (kernel_.random.one_in(4)) scenario_.cut_after = acts_ + 1;
  for (Peer& peer : peers_) peer.wind_up();
  jumps_ = 0;
  return true;
}

bool Schedule::act() {
  steer();
  const std::uint64_t choices = pairs_.size() + far_ends_.size();
  const std::uint64_t first = kernel_.random.below(choices);
  for (std::uint64_t i = 0; i < choices; ++i) {
    const std::uint64_t chosen = (first + i) % choices;
    const bool has_acted = chosen < pairs_.size() ? act_on_pair(pairs_[chosen])
                                                  : act_on_peer(*far_ends_[chosen - pairs_.size()]);
    if (!has_acted) continue;
    ++acts_;
    return true;
  }
  if (is_ending_ && acts_ < scenario_.cut_after) ++acts_;  // the operator needs nobody else to act
  return false;
}

/// What the operator does.
void Schedule::steer() {
  if (scenario_.drains && acts_ > 10) {
    scenario_.drains = false;
    kernel_.saw(Seen::drained);
    worker_->drain();
  }
  if (scenario_.endpoint_fails_after != 0 && acts_ >= scenario_.endpoint_fails_after) {
    scenario_.endpoint_fails_after = 0;
    const Pair& pair = pairs_[kernel_.random.below(pairs_.size())];
    for (const Endpoint& endpoint : endpoints_of(pair, pair.plan.endpoints.size()))
      worker_->cut_endpoint(pair.link, endpoint.address);
  }
  if (scenario_.rewires > 0 && acts_ >= scenario_.rewires_after) rewire();
  if (scenario_.cut_after == 0 || acts_ < scenario_.cut_after) return;
  scenario_.cut_after = 0;
  worker_->cut(kernel_.random.one_in(2) ? CloseReason::drain_deadline : CloseReason::removed);
}

/// To some of the endpoints that there are, in some order.
void Schedule::rewire() {
  --scenario_.rewires;
  scenario_.rewires_after = acts_ + static_cast<std::uint32_t>(kernel_.random.between(1, 30));
  const Pair& pair = pairs_[kernel_.random.below(pairs_.size())];
  std::vector<Endpoint> endpoints = endpoints_of(pair, pair.plan.endpoints.size());
  std::ranges::rotate(endpoints,
                      endpoints.begin() + static_cast<long>(kernel_.random.below(endpoints.size())));
  endpoints.resize(kernel_.random.between(1, endpoints.size()));
  kernel_.saw(pair.is_open && !pair.is_relaying() ? Seen::rewired_while_connecting : Seen::rewired);
  worker_->change(route_of(pair, std::move(endpoints)));
  if (kernel_.random.one_in(3)) worker_->cut_elsewhere(pair.link);
}

bool Schedule::act_on_pair(Pair& pair) {
  if (pair.downstream == nullptr) {
    if (std::exchange(pair.was_turned_away, pair.listener->is_closed)) return false;
    if (pair.was_turned_away) return true;
    pair.downstream = &kernel_.make<Connection>();
    pair.downstream->set_label(pair.link * 100);
    pair.downstream->peer_port = static_cast<std::uint16_t>(20'000 + pair.link);
    pair.downstream->in.bytes = ByteStream(kernel_.random.next() >> 1);
    shape(*pair.downstream);
    pair.downstream->keeps_alive = pair.downstream->keeps_urgent_inline = true;  // from its listener
    pair.downstream->establish();
    far_ends_.push_back(&peers_.emplace_back(*pair.downstream, pair.plan.consumer));
    if (is_ending_) peers_.back().wind_up();
    pair.listener->push(*pair.downstream);
    return true;
  }
  if (pair.wants_resolver && kernel_.now() >= pair.resolver_answers_at) {
    pair.wants_resolver = false;
    pair.endpoints = pair.plan.endpoints.size();
    worker_->update({.link = pair.link, .endpoints = endpoints_of(pair, pair.endpoints)});
    return true;
  }
  const std::uint64_t first = pair.attempts.empty() ? 0 : kernel_.random.below(pair.attempts.size());
  for (std::size_t i = 0; i < pair.attempts.size(); ++i) {
    if (answer(pair, pair.attempts[(first + i) % pair.attempts.size()])) return true;
  }
  return false;
}

bool Schedule::answer(Pair&, Attempt& attempt) {
  Connection& connection = *attempt.connection;
  if (connection.state() != Connection::State::connecting || connection.is_closed()) return false;
  if (kernel_.now() < attempt.answers_at || attempt.answer == Answer::silent) return false;
  if (attempt.plan->after_ms > 0) kernel_.saw(Seen::connect_slow);
  switch (attempt.answer) {
    case Answer::refuses:
      kernel_.saw(Seen::connect_refused);
      connection.lose(ECONNREFUSED);
      return true;
    case Answer::unreachable:
      connection.lose(kernel_.random.one_in(2) ? EHOSTUNREACH : ENETUNREACH);
      return true;
    case Answer::itself:
      kernel_.saw(Seen::connected_to_itself);
      connection.local_port = connection.peer_port;
      connection.establish();
      return true;
    default:
      connection.establish();
      return true;
  }
}

bool Schedule::act_on_peer(Peer& peer) {
  Connection& connection = peer.connection();
  if (time_out(connection)) return true;
  const bool network_first = kernel_.random.one_in(2);
  if (network_first && act_on_network(connection)) return true;
  if (connection.local_port != connection.peer_port && peer.step(kernel_.random, kernel_.now())) return true;
  return !network_first && act_on_network(connection);
}

bool Schedule::time_out(Connection& connection) {
  if (kernel_.now() < times_out_at(connection)) return false;
  kernel_.saw(Seen::peer_timed_out);
  connection.lose(kernel_.random.one_in(4) ? EHOSTUNREACH : ETIMEDOUT);
  return true;
}

bool Schedule::act_on_network(Connection& connection) {
  const std::uint64_t first = kernel_.random.below(5);
  for (std::uint64_t i = 0; i < 5; ++i) {
    if (network_step(connection, (first + i) % 5)) return true;
  }
  return false;
}

bool Schedule::network_step(Connection& connection, std::uint64_t which) {
  switch (which) {
    case 0:
      if (connection.arriving() == 0) return false;
      connection.arrive(portion(connection.arriving()));
      return true;
    case 1:
      if (!connection.can_fin_arrive()) return false;
      connection.arrive_fin();
      return true;
    case 2:
      if (!connection.can_reset_arrive()) return false;
      connection.arrive_reset();
      return true;
    case 3:
      if (connection.deliverable() == 0) return false;
      connection.deliver(portion(connection.deliverable()));
      return true;
    default:
      if (!connection.can_acknowledge()) return false;
      connection.acknowledge();
      return true;
  }
}

std::uint64_t Schedule::portion(std::uint64_t most) {
  const std::uint64_t bytes = std::min(most, scenario_.network_most);
  return kernel_.random.percent(70) ? bytes : kernel_.random.between(1, bytes);
}

void Schedule::shape(Connection& connection) {
  const ConnectionShape shape = scenario_.shape(kernel_.random);
  connection.in.buffer = shape.receive_buffer;
  connection.out.send_buffer = shape.send_buffer;
  connection.out.peer_buffer = shape.peer_buffer;
  connection.splice_error = scenario_.splice_error != 0 ? scenario_.splice_error
                            : shape.refuses_splice_in   ? EINVAL
                                                        : 0;
  connection.splice_out_error = shape.refuses_splice_out ? EINVAL : 0;
}

/// Our process gets no turn for a while: stopped, starved, or its machine asleep. The network goes on.
void Schedule::stop_process() {
  kernel_.saw(Seen::stopped_process);
  for (Peer* peer : far_ends_) {
    Connection& connection = peer->connection();
    if (connection.deliverable() > 0) connection.deliver(connection.deliverable());
    if (connection.can_acknowledge()) connection.acknowledge();
  }
  kernel_.stop_for(kernel_.random.size(100'000));
}

}  // namespace amb::sim
