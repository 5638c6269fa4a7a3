// SPDX-License-Identifier: Apache-2.0
//
// What the workers tell each other while one of them tries whether a link leads back to us (loop_probe.h).
// Shared by all of them; outside of a trial a session costs one read of it.
//
//   idle ──begin()──▶ quiet ──let_in()──▶ arriving ──await_end()──▶ ending ─┐
//    ▲                  ▲                                                   │ another round
//    └──────over()──────┴───────────────────────────────────────────────────┘
#pragma once

#include <atomic>
#include <cstdint>

#include "proxy/route.h"

namespace amb {

class LoopWatch {
 public:
  enum class Stage : std::uint8_t { idle, quiet, arriving, ending };

  // Of who tries. One at a time.
  [[nodiscard]] bool begin(LinkId link) {
    Stage idle = Stage::idle;
    if (!stage_.compare_exchange_strong(idle, Stage::quiet)) return false;
    link_ = arrived_at_ = link;
    return true;
  }
  void let_in() {
    arrived_ = ended_ = 0;
    ++round_;
    stage_ = Stage::arriving;
  }
  void await_end() { stage_ = Stage::ending; }
  void over(bool is_loop) {
    found_ = is_loop;
    stage_ = Stage::idle;
  }
  bool has_arrived() const { return arrived_ != 0; }  ///< A session, since let_in().
  bool has_ended() const { return ended_ != 0; }      ///< One of those, since await_end().
  LinkId arrived_at() const { return arrived_at_; }   ///< The link of the last one.

  // Of every worker.
  bool is_trying() const { return stage_.load(std::memory_order_relaxed) != Stage::idle; }
  LinkId link() const { return link_; }
  /// A session is held back. What it is to be known by.
  std::uint32_t arrive(LinkId link) {
    const Stage stage = stage_;
    if (stage != Stage::arriving && stage != Stage::ending) return 0;
    arrived_at_ = link;
    ++arrived_;
    return round_;
  }
  /// One that was held back has ended, by itself or by its consumer.
  void end(std::uint32_t mark) {
    if (mark == round_ && stage_ == Stage::ending) ++ended_;
  }
  /// The last trial is over; whether those who are held back at this link have been going round.
  bool is_looping(LinkId link) const { return found_ && (link == link_ || link == arrived_at_); }

 private:
  std::atomic<Stage> stage_{Stage::idle};
  std::atomic<LinkId> link_{0};
  std::atomic<LinkId> arrived_at_{0};
  std::atomic<std::uint32_t> round_{0};
  std::atomic<std::uint32_t> arrived_{0};
  std::atomic<std::uint32_t> ended_{0};
  std::atomic<bool> found_{false};
};

}  // namespace amb
