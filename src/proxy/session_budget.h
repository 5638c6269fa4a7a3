// SPDX-License-Identifier: Apache-2.0
//
// How many sessions the process may hold at once: decided from the descriptor limit before the first is
// accepted, shared by all workers, exact.
#pragma once

#include <atomic>
#include <cstddef>

namespace amb {

class SessionBudget {
 public:
  explicit SessionBudget(std::size_t most) : most_(most) {}

  [[nodiscard]] bool take() {
    if (open_.fetch_add(1, std::memory_order_relaxed) < most_) return true;
    give_back();
    return false;
  }
  void give_back() { open_.fetch_sub(1, std::memory_order_relaxed); }
  std::size_t open() const { return open_.load(std::memory_order_relaxed); }
  std::size_t most() const { return most_; }

 private:
  std::atomic<std::size_t> open_{0};
  std::size_t most_;
};

}  // namespace amb
