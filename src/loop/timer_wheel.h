// SPDX-License-Identifier: Apache-2.0
//
// Timeouts of one worker, in milliseconds of CLOCK_MONOTONIC. Arming and cancelling are O(1) and allocate
// nothing; while nothing is armed the loop sleeps without a timeout.
//
// A hierarchy of four wheels of 64 slots: 1 ms, 64 ms, 4.1 s and 4.4 min a slot. What lies beyond 4.6 hours
// waits in the last wheel and is re-filed as it comes round. A timer never fires early; it fires late by at
// most the time the loop was busy.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/intrusive_list.h"

namespace amb {

using Milliseconds = std::uint64_t;  ///< A point or a span of monotonic time, in ms.

struct TimerTag;

/// Something that can be woken once at a time. Destroying it cancels it.
class Timer : public ListHook<TimerTag> {
 public:
  virtual void on_timer() = 0;
  bool is_armed() const { return is_linked(); }
  Milliseconds due() const { return due_; }

 protected:
  ~Timer() = default;

 private:
  friend class TimerWheel;
  Milliseconds due_ = 0;
  std::uint8_t level_ = 0;
  std::uint8_t slot_ = 0;
};

class TimerWheel {
 public:
  explicit TimerWheel(Milliseconds now) : now_(now) {}

  /// Fires `timer` once `due` has come; moves it if it was armed already. A due time in the past fires at the
  /// next advance().
  void arm(Timer& timer, Milliseconds due);
  void cancel(Timer& timer);

  /// Fires everything due up to `now`. Callbacks may arm, cancel and destroy any timer.
  void advance(Milliseconds now);

  /// When the loop must wake at the latest: never after the next timer is due, possibly before.
  std::optional<Milliseconds> next_wake() const;

 private:
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kSlotBits = 6;
  static constexpr unsigned kSlots = 1U << kSlotBits;
  using Slot = IntrusiveList<Timer, TimerTag>;

  void file(Timer& timer);
  void fire_slot(unsigned slot);
  void cascade(unsigned level);

  Milliseconds now_;  ///< Every timer due before this has fired.
  std::array<std::array<Slot, kSlots>, kLevels> slots_;
  std::array<std::uint64_t, kLevels> occupied_{};  ///< One bit per slot that may hold a timer.
};

}  // namespace amb
