// SPDX-License-Identifier: Apache-2.0
#include "loop/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace amb {

namespace {

constexpr unsigned kMask = 63;

unsigned index_of(Milliseconds time, unsigned level) {
  return static_cast<unsigned>(time >> (6 * level)) & kMask;
}

}  // namespace

void TimerWheel::arm(Timer& timer, Milliseconds due) {
  cancel(timer);
  timer.due_ = due;
  file(timer);
}

void TimerWheel::cancel(Timer& timer) {
  if (!timer.is_armed()) return;
  timer.unlink();
  if (slots_[timer.level_][timer.slot_].is_empty()) occupied_[timer.level_] &= ~(1ULL << timer.slot_);
}

void TimerWheel::file(Timer& timer) {
  const Milliseconds due = std::max(timer.due_, now_);
  const Milliseconds distance = due - now_;
  unsigned level = 0;
  while (level + 1 < kLevels && distance >> (kSlotBits * (level + 1)) != 0) ++level;
  const bool beyond = distance >> (kSlotBits * kLevels) != 0;
  const unsigned slot = beyond ? (index_of(now_, level) + kMask) & kMask : index_of(due, level);
  timer.level_ = static_cast<std::uint8_t>(level);
  timer.slot_ = static_cast<std::uint8_t>(slot);
  slots_[level][slot].push_back(timer);
  occupied_[level] |= 1ULL << slot;
}

void TimerWheel::advance(Milliseconds now) {
  while (now_ <= now) {
    if (occupied_[0] == 0) {
      // Nothing this side of the next cascade: jump there, or to the end.
      const Milliseconds next_cascade = (now_ | kMask) + 1;
      if (std::ranges::all_of(occupied_, [](std::uint64_t bits) { return bits == 0; })) {
        now_ = now + 1;
        return;
      }
      now_ = std::min(next_cascade, now + 1);
    } else {
      fire_slot(index_of(now_, 0));
    }
    for (unsigned level = 1; level < kLevels && index_of(now_, level - 1) == 0; ++level) {
      if ((now_ & ((1ULL << (kSlotBits * level)) - 1)) == 0) cascade(level);
    }
  }
}

void TimerWheel::fire_slot(unsigned slot) {
  Slot due;
  due.splice_back(slots_[0][slot]);
  occupied_[0] &= ~(1ULL << slot);
  ++now_;  // before the callbacks: what they arm for "now" goes into the next slot, not this one
  while (Timer* timer = due.pop_front()) timer->on_timer();
}

void TimerWheel::cascade(unsigned level) {
  const unsigned slot = index_of(now_, level);
  if ((occupied_[level] & (1ULL << slot)) == 0) return;
  Slot waiting;
  waiting.splice_back(slots_[level][slot]);
  occupied_[level] &= ~(1ULL << slot);
  while (Timer* timer = waiting.pop_front()) file(*timer);
}

std::optional<Milliseconds> TimerWheel::next_wake() const {
  std::optional<Milliseconds> earliest;
  for (unsigned level = 0; level < kLevels; ++level) {
    if (occupied_[level] == 0) continue;
    const unsigned here = index_of(now_, level);
    // Above level 0 the slot of this very moment has been cascaded, so it stands for a whole turn ahead.
    const unsigned start = level == 0 ? here : here + 1;
    const auto distance =
        static_cast<unsigned>(std::countr_zero(std::rotr(occupied_[level], static_cast<int>(start & kMask))));
    const Milliseconds base = now_ >> (kSlotBits * level);
    const Milliseconds wake = (base + distance + (level == 0 ? 0 : 1)) << (kSlotBits * level);
    earliest = std::min(earliest.value_or(wake), wake);
  }
  return earliest;
}

}  // namespace amb
