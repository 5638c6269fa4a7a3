// SPDX-License-Identifier: Apache-2.0
#include "proxy/listener.h"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/listening.h"
#include "net/socket.h"

namespace amb {

namespace {

constexpr int kMostAccepts = 64;      // then established sessions have their turn
constexpr Milliseconds kPause = 100;  // one attempt per 100 ms while descriptors are exhausted

// Level-triggered, and exclusive because the workers share a UNIX path's single socket.
constexpr std::uint32_t kListenerEvents = EPOLLIN | EPOLLEXCLUSIVE;

}  // namespace

Listener::Listener(ListenerHost& host, ListenerId id, LinkId link, UniqueFd fd)
    : host_(host), id_(id), link_(link), fd_(std::move(fd)) {}

bool Listener::start() { return host_.loop().add(fd_.borrow(), kListenerEvents, *this); }

void Listener::start_later() { host_.loop().timers().arm(*this, host_.loop().now() + kPause); }

void Listener::on_events(std::uint32_t) {
  if (!fd_.is_open() || Timer::is_armed()) return;
  // Asking an empty queue costs a file made for nothing. One at a time, then, unless more came at once: level
  // triggered, the loop says so in its very next turn.
  const std::uint64_t turn = host_.loop().turn_number();
  batch_ = turn == std::exchange(last_turn_, turn) + 1 ? std::min(batch_ * 2, kMostAccepts) : 1;
  (void)accept_batch();
}

Listener::AcceptOutcome Listener::accept_batch() {
  for (int taken = 0; taken < batch_;) {
    if (!host_.take_session_slot(link_)) {
      host_.on_session_limit(link_);
      pause();
      return AcceptOutcome::paused;
    }
    AcceptResult accepted = try_accept(fd_.borrow());
    if (accepted.io.status == IoStatus::done && was_paused_ && was_reset(accepted.fd.borrow())) {
      host_.return_session_slot(link_);  // reset while it waited: nobody to connect for
      ++taken;
      continue;
    }
    if (accepted.io.status == IoStatus::done && !host_.has_memory()) {
      accepted.fd.reset();  // that one is reset, the others wait
      accepted.io = IoResult::failed(ENOMEM);
    }
    if (accepted.io.status == IoStatus::done) {
      host_.open_session(link_, std::move(accepted.fd), CompactAddress(accepted.peer));
      ++taken;
      continue;
    }
    host_.return_session_slot(link_);
    if (accepted.io.status == IoStatus::would_block) {
      was_paused_ = false;
      return AcceptOutcome::queue_empty;
    }
    if (accept_failure(accepted.io.error) == AcceptFailure::out_of_resources) {
      host_.on_accept_failed(link_, accepted.io.error);
      pause();
      return AcceptOutcome::paused;
    }
    ++taken;  // that one is gone; it counts, so that a storm of aborts cannot hold the loop
  }
  return AcceptOutcome::batch_done;
}

void Listener::pause() {
  was_paused_ = true;
  host_.loop().remove(fd_.borrow());
  start_later();
}

void Listener::on_slot_free() {
  if (Timer::is_armed() && !is_refusing_ && !host_.suspects_loop()) resume();
}

void Listener::resume() {
  host_.loop().timers().cancel(*this);
  const bool listens = !is_refusing_ || listen_again(fd_.borrow());
  if (listens) is_refusing_ = false;
  if (!listens || !start()) start_later();
}

void Listener::take_queue() {
  host_.loop().timers().cancel(*this);
  while (accept_batch() == AcceptOutcome::batch_done) {
  }
  host_.loop().timers().cancel(*this);
  host_.loop().remove(fd_.borrow());
}

void Listener::refuse() {
  if (!fd_.is_open()) return;
  if (is_refusing_) return host_.loop().timers().cancel(*this);  // it may have been about to listen again
  take_queue();
  is_refusing_ = stop_listening(fd_.borrow());
  if (!is_refusing_) resume();
}

void Listener::accept_again() {
  if (fd_.is_open() && is_refusing_) resume();
}

void Listener::close() {
  if (!fd_.is_open()) return;
  if (is_refusing_) {
    host_.loop().timers().cancel(*this);
  } else {
    take_queue();  // and out of epoll: closing alone would not do, for a UNIX path's socket is shared by dup
  }
  fd_.reset();
}

}  // namespace amb
