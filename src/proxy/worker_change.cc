// SPDX-License-Identifier: Apache-2.0
//
// What the control thread tells a worker while it runs: other endpoints, another wiring, sessions to end.
#include <algorithm>
#include <utility>

#include "proxy/worker.h"

namespace amb {

void Worker::update(RouteUpdate update) {
  loop_->post([this, update = std::move(update)]() mutable { apply(std::move(update)); });
}

void Worker::apply(RouteUpdate update) {
  const LinkId link = update.link;
  const bool is_refusing = update.is_refusing;
  const bool is_drained = update.is_drained;
  routes_.apply(std::move(update), loop_->now());
  for (const auto& listener : listeners_) {
    if (listener->link() != link) continue;
    is_refusing ? listener->refuse() : listener->accept_again();
  }
  routes_.set_drained(link, is_drained);  // now: who was in the queues is served
}

void Worker::change(WiringChange change) {
  loop_->post([this, change = std::move(change)]() mutable { apply(std::move(change)); });
}

/// Listeners that close come first: who got through to them is a session of their link by then.
void Worker::apply(WiringChange change) {
  if (is_draining_) return;  // the end has begun, and nothing new begins
  for (const auto& listener : listeners_) {
    if (std::ranges::count(change.closed, listener->id()) == 0) continue;
    listener->close();
    has_closed_listeners_ = true;
  }
  for (Route& route : change.routes) routes_.put(route, loop_->now());
  open_.for_each([&](Session& session) {
    if (std::ranges::count(change.routes, session.link(), &Route::link) != 0) session.on_other_route();
  });
  for (const auto& listener : listeners_) {
    const auto moved = std::ranges::find(change.moved, listener->id(), &MovedListener::id);
    if (moved != change.moved.end()) listener->set_link(moved->link);
  }
  for (NewListener& opened : change.opened) {
    listeners_.push_back(std::make_unique<Listener>(static_cast<ListenerHost&>(*this), opened.id, opened.link,
                                                    std::move(opened.fd)));
    if (!listeners_.back()->start()) listeners_.back()->start_later();
  }
  for (const auto& listener : listeners_) {
    if (!listener->is_open()) continue;
    routes_.route(listener->link()).is_refusing ? listener->refuse() : listener->accept_again();
  }
  leaving_.insert(leaving_.end(), change.removed.begin(), change.removed.end());
  sweep_period_ = sweep_period();
}

void Worker::tell_links_gone() {
  std::erase_if(leaving_, [this](LinkId link) {
    if (routes_.open(link) != 0) return false;
    routes_.forget(link);
    events_.on_link_gone(link);
    return true;
  });
}

template <class Which>
void Worker::cut_those(Which which) {
  open_.for_each([&](Session& session) {
    if (which(session)) session.expire(CloseReason::removed);
  });
}

void Worker::cut_link(LinkId link) {
  loop_->post([this, link] { cut_those([link](const Session& one) { return one.link() == link; }); });
}

void Worker::cut_elsewhere(LinkId link) {
  loop_->post([this, link] {
    cut_those([link](const Session& one) { return one.link() == link && one.is_elsewhere(); });
  });
}

void Worker::cut_endpoint(LinkId link, const SocketAddress& endpoint) {
  loop_->post([this, link, endpoint] {
    const Upstream::Slot slot = routes_.upstream(link).slot_of(endpoint);
    if (slot == Upstream::kNoSlot) return;
    open_.for_each([&](Session& session) {
      if (session.link() == link && session.is_at(slot)) session.expire(CloseReason::endpoint_down);
    });
  });
}

void Worker::cut(CloseReason reason) {
  loop_->post([this, reason] {
    while (!open_.is_empty()) open_.front().expire(reason);
  });
}

void Worker::close_session(std::uint32_t number, std::move_only_function<void(bool)> tell) {
  loop_->post([this, number, tell = std::move(tell)]() mutable {
    Session* found = nullptr;
    open_.for_each([&](Session& session) {
      if (session.number() == number) found = &session;
    });
    if (found != nullptr) found->expire(CloseReason::removed);
    tell(found != nullptr);
  });
}

}  // namespace amb
