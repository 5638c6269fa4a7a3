// SPDX-License-Identifier: Apache-2.0
//
// A number with one writer and any number of readers. The writer pays a plain load and store, no locked
// instruction; readers see a value that was true a moment ago.
#pragma once

#include <atomic>
#include <cstdint>

namespace amb {

class Counter {
 public:
  void add(std::uint64_t amount) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace amb
