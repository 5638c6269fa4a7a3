// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker.h"

#include <algorithm>
#include <new>
#include <random>
#include <utility>

#include "base/thread.h"
#include "net/socket.h"

namespace amb {

namespace {

constexpr std::size_t kSweepBatch = 512;         // sessions looked at in one go: about half a millisecond
constexpr Milliseconds kSweepsPerDeadPeer = 20;  // finds a dead peer within a twentieth of its time
constexpr Milliseconds kTrimPools = 1000;  // what is idle for longer gives its descriptors and memory back
constexpr Milliseconds kRepeatNotice = 60'000;  // "out of descriptors" is worth one line a minute

}  // namespace

Result<std::unique_ptr<Worker>> Worker::open(std::vector<Route> routes, SessionBudget& budget,
                                             WorkerEvents& events, std::size_t most_pipes) {
  (void)may_meet_itself(0);  // a file is read by whoever asks first, and that is not a session
  auto loop = EventLoop::open();
  if (!loop) return std::unexpected(loop.error());
  return std::unique_ptr<Worker>(new Worker(std::move(*loop), std::move(routes), budget, events, most_pipes));
}

Worker::Worker(std::unique_ptr<EventLoop> loop, std::vector<Route> routes, SessionBudget& budget,
               WorkerEvents& events, std::size_t most_pipes)
    : loop_(std::move(loop)),
      routes_(std::move(routes), std::random_device{}(), loop_->now()),
      budget_(budget),
      events_(events),
      pipes_(most_pipes),
      probe_(*loop_, static_cast<LoopProbeOwner&>(*this)),
      sweep_period_(sweep_period()) {}

Worker::~Worker() {
  stop();
  // Sessions that nobody has cut: the slab only gives memory back, and their timers are in the loop's wheel.
  while (Session* session = open_.pop_front()) slab_.free(*session);
}

Result<void> Worker::add_listener(ListenerId id, LinkId link, UniqueFd fd) {
  listeners_.push_back(
      std::make_unique<Listener>(static_cast<ListenerHost&>(*this), id, link, std::move(fd)));
  if (!listeners_.back()->start())
    return std::unexpected(Error{"cannot watch a listening socket", errno, {}});
  if (routes_.route(link).is_refusing) listeners_.back()->refuse();
  return {};
}

void Worker::start() {
  thread_ = start_thread([this] { run(); });
}

void Worker::run() {
  loop_->run([this] { end_turn(); });
}

void Worker::end_turn() {
  receive_buffer_.release();
  while (Session* session = closed_.pop_front()) slab_.free(*session);
  if ((pipes_.has_idle() || buffers_.has_idle()) && !trim_.is_armed())
    loop_->timers().arm(trim_, loop_->now() + kTrimPools);
  if (std::exchange(has_closed_listeners_, false))
    std::erase_if(listeners_, [](const auto& listener) { return !listener->is_open(); });
  if (!leaving_.empty()) tell_links_gone();
  if (std::exchange(has_new_notices_, false)) tell_notices();
  if (is_draining_ && open_count_ == 0 && !std::exchange(has_reported_drained_, true)) events_.on_drained();
}

/// Posting takes memory. What cannot be told now is told with the next.
void Worker::tell_notices() {
  try {
    events_.on_notices();
  } catch (const std::bad_alloc&) {
    has_new_notices_ = true;
  }
}

void Worker::open_session(LinkId link, UniqueFd downstream, const CompactAddress& peer) {
  Session& session = slab_.make(static_cast<SessionHost&>(*this), link, std::move(downstream), peer);
  session.set_number(++last_number_);
  open_.push_back(session);
  ++open_count_;
  ++routes_.open(link);
  ++routes_.counts(link).opened;
  if (!sweep_.is_armed()) arm_sweep(sweep_period_);
  (void)is_held_back(session);
  session.start();
}

void Worker::on_session_closed(Session& session) {
  closed_.push_back(session);
  --open_count_;
  return_session_slot(session.link());
  CloseRecord record = session.close_record();
  LinkCounts& counts = routes_.counts(record.link);
  --routes_.open(record.link);
  ++counts.closed[static_cast<std::size_t>(record.reason)];
  counts.bytes[index(Direction::to_upstream)] += record.bytes_to_upstream;
  counts.bytes[index(Direction::to_downstream)] += record.bytes_to_downstream;
  counts.life.add(record.life_time);
  if (is_connect_failure(record.reason)) counts.connecting.failed(loop_->now());
  sample(record);
  if (record.is_recorded || record.is_traced) say(std::move(record));
  if (!std::exchange(has_paused_listeners_, false)) return;  // there may be a thousand, and mostly none waits
  for (const auto& listener : listeners_) {
    const SessionBudget* share = routes_.route(listener->link()).share;
    if (share == nullptr || share->has_room()) {
      listener->on_slot_free();
    } else {
      has_paused_listeners_ = true;  // for when one of its own ends
    }
  }
}

void Worker::refresh(LinkId link) {
  if (routes_.begin_asking(link)) events_.on_resolve_wanted(link);
}

void Worker::resolve_for(Connector& connector) {
  routes_.wait(connector);
  refresh(connector.link());
}

void Worker::drain() {
  loop_->post([this] {
    is_draining_ = has_closed_listeners_ = true;
    probe_.stop();
    for (const auto& listener : listeners_) listener->close();
  });
}

void Worker::stop() {
  if (!thread_.joinable()) return;
  loop_->post([this] { loop_->stop(); });
  thread_.join();
}

bool Worker::take_session_slot(LinkId link) {
  SessionBudget* share = routes_.route(link).share;
  if (share != nullptr && !share->take()) return false;
  if (budget_.take()) return true;
  if (share != nullptr) share->give_back();
  return false;
}

void Worker::return_session_slot(LinkId link) {
  budget_.give_back();
  if (SessionBudget* share = routes_.route(link).share; share != nullptr) share->give_back();
}

bool Worker::has_memory() {
  try {
    slab_.reserve();
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

void Worker::on_accept_failed(LinkId link, int error) {
  has_paused_listeners_ = true;
  ++accept_failures_;
  if (may_repeat(accept_failure_said_)) say(AcceptFailed{link, error});
}

void Worker::on_session_limit(LinkId link) {
  has_paused_listeners_ = true;
  ++limit_pauses_;
  ++routes_.counts(link).limit_pauses;
  const SessionBudget* share = routes_.route(link).share;
  const bool is_of_link = share != nullptr && !share->has_room();
  SessionLimitReached reached{
      .link = link, .open = open_count_, .most_of_link = is_of_link ? share->most() : 0, .looping = 0};
  open_.for_each([&](Session& session) {
    if (session.downstream_peer().same_host(session.upstream_peer())) ++reached.looping;
  });
  suspects_loop_ = reached.looping * 2 > reached.open;
  if (may_repeat(routes_.limit_said(link))) say(reached);
}

void Worker::sample(CloseRecord& record) {
  const bool has_failed = record.reason != CloseReason::eof;
  record.is_recorded = has_failed || recorded_.takes();
  record.is_traced = is_tracing_ && (has_failed || traced_.takes());
}

bool Worker::may_repeat(Milliseconds& last_said) {
  if (last_said != 0 && loop_->now() - last_said < kRepeatNotice) return false;
  last_said = loop_->now();
  return true;
}

void Worker::say(Notice notice) {
  (void)notices_.push(std::move(notice));  // a drop is counted by the ring
  has_new_notices_ = true;
}

/// Looks at a part of the sessions, the longest unseen first, so that each is seen once in a period.
void Worker::sweep_silent_peers() {
  const std::size_t batch = std::min(open_count_, kSweepBatch);
  if (batch == 0) return;  // armed again by the next session
  const Milliseconds span = std::max<Milliseconds>(sweep_period_ * batch / open_count_, 1);
  for (std::size_t i = 0; i < batch && !open_.is_empty(); ++i) {
    Session& session = open_.front();
    open_.push_back(session);
    session.watch_peers();
  }
  arm_sweep(span);
}

Milliseconds Worker::sweep_period() const {
  return std::max<Milliseconds>(routes_.shortest_dead_peer() / kSweepsPerDeadPeer, 10);
}

void Worker::arm_sweep(Milliseconds span) { loop_->timers().arm(sweep_, loop_->now() + span); }

}  // namespace amb
