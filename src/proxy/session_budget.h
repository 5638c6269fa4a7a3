// SPDX-License-Identifier: Apache-2.0
//
// How many sessions there may be at once: of the process, decided from the descriptor limit before the first
// is accepted; of a link; at an endpoint. Shared by all workers, exact.
#pragma once

#include <atomic>
#include <cstddef>

namespace amb {

class SessionBudget {
 public:
  explicit SessionBudget(std::size_t most) : most_(most) {}

  [[nodiscard]] bool take() {
    if (open_.fetch_add(1, std::memory_order_relaxed) < most()) return true;
    give_back();
    return false;
  }
  void give_back(std::size_t sessions = 1) { open_.fetch_sub(sessions, std::memory_order_relaxed); }
  /// For sessions that are there already, be they too many.
  void take_over(std::size_t sessions) { open_.fetch_add(sessions, std::memory_order_relaxed); }
  void set_most(std::size_t most) { most_.store(most, std::memory_order_relaxed); }
  bool has_room() const { return open() < most(); }  ///< As of now; take() has the last word.
  std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  std::size_t most() const { return most_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> open_{0};
  std::atomic<std::size_t> most_;
};

}  // namespace amb
