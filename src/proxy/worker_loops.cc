// SPDX-License-Identifier: Apache-2.0
//
// Loops of ambassadors. Sessions of a link that nobody has answered grow in number: perhaps the link leads
// back to us. One worker then tries it (loop_probe.h), and meanwhile all hold new sessions back, so that the
// chain cannot grow. Those at the head of a chain that does go round are reset, and with them it comes down.
#include <algorithm>

#include "proxy/worker.h"

namespace amb {

namespace {

// Unanswered sessions of a link at one worker; up to twice that. Many, as a service sees the trial:
// connections that come and are reset.
constexpr std::size_t kSuspicious = 1024;
constexpr std::size_t kFewest = 4;        // where there are few places, and after a loop was found
constexpr std::size_t kPartOfPlaces = 4;  // for all workers together: the places are not used up before
constexpr Milliseconds kLookAtHeld = 10;
constexpr Milliseconds kRemember = 60'000;

}  // namespace

void Worker::watch_loops(LoopWatch& watch, unsigned workers) {
  loops_ = &watch;
  workers_ = workers;
  // Two that lead to each other count alike. If both tried at once, each would hold the other's connection
  // back.
  luck_ = std::random_device{}();
}

/// After so many unanswered sessions a link is tried.
std::size_t Worker::suspicious(LinkId link) {
  const SessionBudget* share = routes_.route(link).share;
  const std::size_t places = share == nullptr ? budget_.most() : share->most();
  const std::size_t least = std::clamp(places / kPartOfPlaces / workers_, kFewest, kSuspicious);
  const LoopNotes& notes = routes_.loop_notes(link);
  if (notes.found_at != 0 && loop_->now() - notes.found_at < kRemember) return kFewest;
  return std::max(least + luck_ % least, notes.unsuspicious * 2);
}

void Worker::on_answered(LinkId link) { --routes_.loop_notes(link).unanswered; }

/// True when the session shall wait for the end of a trial.
bool Worker::is_held_back(Session& session) {
  const LinkId link = session.link();
  const std::size_t unanswered = ++routes_.loop_notes(link).unanswered;
  if (loops_ == nullptr || is_draining_) return false;
  if (!loops_->is_trying() && !held_.is_armed() && unanswered >= suspicious(link)) try_for_loop(link);
  if (!loops_->is_trying() || (link != loops_->link() && unanswered < kFewest)) return false;
  session.hold_back(loops_->arrive(link));
  if (!held_.is_armed()) loop_->timers().arm(held_, loop_->now() + kLookAtHeld);
  return true;
}

/// Where a session that is not answered has gone.
void Worker::try_for_loop(LinkId link) {
  const Session* unanswered = nullptr;
  open_.for_each([&](Session& session) {
    if (session.link() == link && session.is_unanswered()) unanswered = &session;
  });
  if (unanswered == nullptr) {  // all of them still connect
    routes_.loop_notes(link).unsuspicious = routes_.loop_notes(link).unanswered;
    return;
  }
  const Upstream::Slot slot = unanswered->upstream_slot();
  tried_ = {link, unanswered->upstream_peer()};
  (void)probe_.begin(*loops_, link, routes_.upstream(link).endpoint(slot).address);
}

void Worker::on_loop_tried(bool is_loop) {
  LoopNotes& notes = routes_.loop_notes(tried_.link);
  notes.unsuspicious = is_loop ? 0 : notes.unanswered;
  if (!is_loop) return;
  notes.found_at = loop_->now();
  if (may_repeat(notes.said)) say(LoopFound{tried_.link, tried_.endpoint, notes.unanswered});
}

/// The trial may have been another worker's.
void Worker::look_at_held() {
  if (loops_->is_trying()) return loop_->timers().arm(held_, loop_->now() + kLookAtHeld);
  open_.for_each([&](Session& session) {
    if (session.is_held_back()) session.let_go(loops_->is_looping(session.link()));
  });
}

}  // namespace amb
