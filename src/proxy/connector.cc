// SPDX-License-Identifier: Apache-2.0
//
// The walk: which endpoint is tried when, and when it is over. One attempt and the race are in
// connector_attempt.cc.
#include "proxy/connector.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "net/socket.h"

namespace amb {

namespace {

constexpr std::size_t kAttemptsForChanges = 6;
constexpr Milliseconds kFirstPause = 50;  // before another round; doubled three times at most
constexpr unsigned kMostDoublings = 3;

bool is_our_shortage(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case ENOSPC:         // epoll's max_user_watches
    case EADDRNOTAVAIL:  // local ports exhausted
      return true;
    default:
      return false;
  }
}

}  // namespace

Connector::Connector(SessionHost& host, ConnectorOwner& owner, LinkId link)
    : host_(host), owner_(owner), link_(link) {}

void Connector::start() {
  if (host_.route(link_).is_drained) return fail(CloseReason::removed);
  give_up_ = now() + std::max(limits().connect_total, limits().hold);
  try_next();
}

void Connector::begin_walk() {
  walk_ = {};
  generation_ = upstream().generation();
}

void Connector::try_next() {
  if (is_walk_over()) begin_walk();
  // A round, another one after the resolver was asked, and a few for addresses that change meanwhile.
  const auto most_attempts = (upstream().size() * 2 + kAttemptsForChanges) * (rounds_ + std::size_t{1});
  while (attempts_ < most_attempts) {
    const auto slot = upstream().next(walk_, now());
    if (!slot) break;
    if (begin(attempt_, *slot, owner_.upstream_events())) return;
  }
  exhausted();
}

void Connector::on_timer() {
  if (now() >= give_up_) return give_up();
  if (wait_ == Wait::pause) return next_round();
  if (has_rival() && now() >= until(rival_->attempt)) {
    note_failure(rival_->attempt, ETIMEDOUT);
    abandon(rival_->attempt);
  }
  if (attempt_.fd.is_open() && now() >= until(attempt_)) {
    // The last endpoint is slow. It keeps its chance while the resolver is asked whether the name has moved.
    if (!has_rival() && !has_next()) return ask_resolver();
    return lost(attempt_, ETIMEDOUT);
  }
  if (may_race()) start_rival();
  if (attempt_.fd.is_open()) arm();  // else the rival was up at once, and the session has its leg
}

void Connector::ask_resolver() {
  asked_resolver_ = true;
  wait_ = Wait::resolver;
  host_.loop().timers().arm(*this, give_up_);
  host_.resolve_for(*this);
}

void Connector::on_endpoints(bool is_answer) {
  const bool has_changed = is_walk_over();
  const bool waits_on = wait_ == Wait::pause || (wait_ == Wait::resolver && !is_answer);
  if (!has_changed && waits_on) return host_.wait_for_endpoints(*this);
  wait_ = Wait::nothing;
  if (!has_changed && attempt_.fd.is_open()) return;
  if (!has_changed) return exhausted();
  host_.loop().timers().cancel(*this);
  stop_attempts();
  try_next();
}

/// An attempt that is under way at an endpoint which still counts goes on. Otherwise all begins anew, but for
/// the time that it may take.
void Connector::on_other_route() {
  const bool is_on_its_way = attempt_.fd.is_open() && wait_ == Wait::nothing && !is_gone(attempt_);
  if (is_on_its_way && !(has_rival() && is_gone(rival_->attempt))) return;
  if (is_walk_over()) {
    asked_resolver_ = false;
    attempts_ = rounds_ = 0;
  }
  ListHook<WaitingTag>::unlink();
  on_endpoints(false);
}

void Connector::exhausted() {
  if (may_ask()) return ask_resolver();
  if (now() >= give_up_) return fail(reason());
  if (host_.route(link_).is_settling) {
    wait_ = Wait::checks;
    host_.loop().timers().arm(*this, give_up_);
    return host_.wait_for_endpoints(*this);
  }
  if (may_pause()) return pause();
  fail(reason());
}

/// What we lack ourselves is not mended by trying again at once, and who has no endpoint waits only if told
/// to. For room in a queue everybody waits, as the kernel lets TCP do.
bool Connector::may_pause() {
  if (limits().hold != 0 || walk_.met_full_queue) return true;
  return rounds_ < limits().connect_retries && attempts_ > 0 && !is_our_shortage(error_);
}

void Connector::pause() {
  const Milliseconds span = kFirstPause << std::min<unsigned>(rounds_, kMostDoublings);
  wait_ = Wait::pause;
  host_.loop().timers().arm(*this, std::min(give_up_, now() + upstream().jittered(span)));
  host_.wait_for_endpoints(*this);
}

void Connector::next_round() {
  wait_ = Wait::nothing;
  ListHook<WaitingTag>::unlink();
  if (rounds_ < std::numeric_limits<std::uint16_t>::max()) ++rounds_;
  if (limits().hold != 0) asked_resolver_ = false;
  begin_walk();
  try_next();
}

CloseReason Connector::reason() {
  if (attempts_ == 0) {
    if (walk_.met_limit) error_ = EUSERS;
    return walk_.met_limit ? CloseReason::limit : CloseReason::no_upstream;
  }
  if (is_our_shortage(error_)) return CloseReason::limit;
  if (upstream().size() != 1) return CloseReason::no_upstream;
  return error_ == ETIMEDOUT || walk_.met_full_queue ? CloseReason::connect_timeout
                                                     : CloseReason::connect_refused;
}

/// All the time is over.
void Connector::give_up() {
  if (attempt_.fd.is_open()) {
    note_failure(attempt_, ETIMEDOUT);
    if (has_rival()) note_failure(rival_->attempt, ETIMEDOUT);
  }
  if (may_ask()) host_.refresh(link_);  // for the sessions to come
  fail(reason());
}

void Connector::fail(CloseReason reason) {
  cancel();
  owner_.on_connect_failed(reason);
}

void Connector::cancel() {
  stop_waiting();
  stop_attempts();
  if (attempt_.slot != Upstream::kNoSlot)
    upstream().release(std::exchange(attempt_.slot, Upstream::kNoSlot));  // the session's own, until now
}

void Connector::stop_attempts() {
  if (attempt_.fd.is_open()) abandon(attempt_);
  if (has_rival()) abandon(rival_->attempt);
}

/// The answer of a resolver that is still being asked is for sessions to come.
void Connector::stop_waiting() {
  wait_ = Wait::nothing;
  host_.loop().timers().cancel(*this);
  ListHook<WaitingTag>::unlink();
}

}  // namespace amb
