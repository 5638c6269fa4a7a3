// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_worker.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace amb::sim {

namespace {

constexpr Milliseconds kSweepsPerDeadPeer = 20;
constexpr Milliseconds kTrimPipes = 1000;

}  // namespace

SimWorker::SimWorker(std::vector<Route> routes, Limits limits, SimWorkerEvents& events)
    : loop_(*EventLoop::open()),
      routes_(std::move(routes), 1, loop_->now()),
      events_(events),
      pipes_(limits.pipes),
      slots_(limits.sessions) {
  (void)receive_buffer();
}

SimWorker::~SimWorker() = default;

ReceiveBuffer& SimWorker::receive_buffer() {
  static ReceiveBuffer buffer;  // one for all schedules: it is large
  return buffer;
}

bool SimWorker::add_listener(LinkId link, int fd) {
  listeners_.push_back(std::make_unique<Listener>(static_cast<ListenerHost&>(*this), 0, link, UniqueFd(fd)));
  return listeners_.back()->start();
}

void SimWorker::run() {
  loop_->run([this] { end_turn(); });
}

void SimWorker::end_turn() {
  closed_.clear();
  receive_buffer().release();
  if ((pipes_.has_idle() || buffers_.has_idle()) && !trim_.is_armed())
    loop_->timers().arm(trim_, loop_->now() + kTrimPipes);
  if (is_draining_) listeners_.clear();
  events_.on_turn_end();
}

bool SimWorker::take_session_slot(LinkId) {
  if (slots_ == 0) return false;
  --slots_;
  return true;
}

void SimWorker::on_session_limit(LinkId) { events_.on_accepting_paused(); }

void SimWorker::open_session(LinkId link, UniqueFd downstream, const CompactAddress& peer) {
  auto session =
      std::make_unique<Session>(static_cast<SessionHost&>(*this), link, std::move(downstream), peer);
  Session& opened = *session;
  open_.push_back(std::move(session));
  if (!sweep_.is_armed())
    loop_->timers().arm(sweep_, loop_->now() + limits(link).dead_peer / kSweepsPerDeadPeer);
  events_.on_session_opened(opened);
  opened.start();
}

void SimWorker::on_session_closed(Session& session) {
  const auto place = std::ranges::find(open_, &session, &std::unique_ptr<Session>::get);
  closed_.push_back(std::move(*place));
  open_.erase(place);
  ++slots_;
  events_.on_session_ended(session, session.close_record());
  for (const auto& listener : listeners_) listener->on_slot_free();
}

void SimWorker::refresh(LinkId link) {
  if (routes_.begin_asking(link)) events_.on_resolve_wanted(link);
}

void SimWorker::resolve_for(Connector& connector) {
  routes_.wait(connector);
  refresh(connector.link());
}

void SimWorker::update(RouteUpdate update) {
  loop_->post([this, update = std::move(update)]() mutable {
    const LinkId link = update.link;
    const bool is_refusing = update.is_refusing;
    routes_.apply(std::move(update), loop_->now());
    for (const auto& listener : listeners_) {
      if (listener->link() == link) is_refusing ? listener->refuse() : listener->accept_again();
    }
  });
}

void SimWorker::change(Route route) {
  loop_->post([this, route = std::move(route)] {
    routes_.put(route, loop_->now());
    events_.on_link_changed(route.link);
    for (std::size_t i = open_.size(); i > 0; --i) {
      if (open_[i - 1]->link() == route.link) open_[i - 1]->on_other_route();
    }
  });
}

void SimWorker::cut_elsewhere(LinkId link) {
  loop_->post([this, link] {
    for (std::size_t i = open_.size(); i > 0; --i) {
      Session& session = *open_[i - 1];
      if (session.link() != link || !session.is_elsewhere()) continue;
      events_.on_elsewhere_cut(link);
      session.expire(CloseReason::removed);
    }
  });
}

void SimWorker::cut_endpoint(LinkId link, const SocketAddress& endpoint) {
  loop_->post([this, link, endpoint] {
    const Upstream::Slot slot = routes_.upstream(link).slot_of(endpoint);
    if (slot == Upstream::kNoSlot) return;
    for (std::size_t i = open_.size(); i > 0; --i) {
      Session& session = *open_[i - 1];
      if (session.link() != link || !session.is_at(slot)) continue;
      events_.on_endpoint_cut(link);
      session.expire(CloseReason::endpoint_down);
    }
  });
}

void SimWorker::drain() {
  loop_->post([this] {
    is_draining_ = true;
    for (const auto& listener : listeners_) listener->close();
  });
}

void SimWorker::cut(CloseReason reason) {
  loop_->post([this, reason] {
    events_.on_cut(reason);
    while (!open_.empty()) open_.front()->expire(reason);
  });
}

std::size_t SimWorker::open_pipes_after_trimming() {
  pipes_.trim();
  pipes_.trim();
  return pipes_.open_pipes();
}

void SimWorker::sweep_silent_peers() {
  if (open_.empty()) return;  // armed again by the next session
  Milliseconds period = ~Milliseconds{0};
  for (std::size_t i = open_.size(); i-- > 0;) {
    if (i >= open_.size()) continue;
    period = std::min(period, limits(open_[i]->link()).dead_peer / kSweepsPerDeadPeer);
    open_[i]->watch_peers();
  }
  loop_->timers().arm(sweep_, loop_->now() + period);
}

}  // namespace amb::sim
