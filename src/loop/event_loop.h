// SPDX-License-Identifier: Apache-2.0
//
// One thread's clock and ear: epoll, timers, and the only door through which another thread may speak to it.
//
// Order of one turn: wait → posted messages → events → due timers → deferred work → on_turn_end, where the
// owner frees what was closed. Handlers may therefore close anything, themselves included, and what was
// posted before a connection was made is known when it is accepted.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "base/intrusive_list.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "loop/timer_wheel.h"

namespace amb {

/// Receives the events of one descriptor. `events` holds EPOLL* bits.
class EventSource {
 public:
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~EventSource() = default;
};

struct DeferredTag;

/// Work that goes on in the next turn, after others had theirs: how one busy stream is kept from starving the
/// rest. Destroying it cancels it.
class Deferred : public ListHook<DeferredTag> {
 public:
  virtual void on_deferred() = 0;

 protected:
  ~Deferred() = default;
};

class EventLoop {
 public:
  /// Fails only when the process has no descriptors or memory left.
  static Result<std::unique_ptr<EventLoop>> open();
  ~EventLoop();

  /// Registers `fd` for good; closing it unregisters it. False with errno ENOMEM or ENOSPC.
  [[nodiscard]] bool add(int fd, std::uint32_t events, EventSource& source);
  [[nodiscard]] bool modify(int fd, std::uint32_t events, EventSource& source);
  void remove(int fd);

  TimerWheel& timers() { return timers_; }
  Milliseconds now() const { return now_; }  ///< CLOCK_MONOTONIC, read once a turn.
  std::uint64_t turn_number() const { return turn_number_; }
  bool more_events_follow() const { return events_left_ > 0; }  ///< In this turn, after the present one.
  void defer(Deferred& work) { deferred_.push_back(work); }

  /// From any thread: runs `message` on the loop's thread, in the order of posting.
  void post(std::move_only_function<void()> message);

  /// Turns until stop(). `on_turn_end` is called once a turn, after everything else.
  template <class OnTurnEnd>
  void run(OnTurnEnd on_turn_end) {
    while (!stopped_) {
      turn();
      on_turn_end();
    }
  }
  void stop() { stopped_ = true; }

 private:
  struct Mailbox;
  EventLoop(UniqueFd epoll, std::unique_ptr<Mailbox> mailbox);
  void turn();
  int wait_ms() const;
  void run_deferred();

  UniqueFd epoll_;
  std::unique_ptr<Mailbox> mailbox_;
  Milliseconds now_;
  std::uint64_t turn_number_ = 0;
  int events_left_ = 0;
  TimerWheel timers_;
  IntrusiveList<Deferred, DeferredTag> deferred_;
  bool stopped_ = false;
};

}  // namespace amb
