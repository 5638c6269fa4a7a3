// SPDX-License-Identifier: Apache-2.0
//
// A bounded queue from one thread to one other, without locks. When it is full the newest value is dropped
// and counted: the writer never waits for the reader.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

namespace amb {

template <class T, std::size_t kCapacity>
class Ring {
  static_assert((kCapacity & (kCapacity - 1)) == 0, "a power of two");

 public:
  /// Writer. False when there was no room.
  bool push(T value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == kCapacity) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    values_[tail & (kCapacity - 1)] = std::move(value);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Reader.
  std::optional<T> pop() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<T> value = std::move(values_[head & (kCapacity - 1)]);
    head_.store(head + 1, std::memory_order_release);
    return value;
  }

  /// Values dropped so far, any thread.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::array<T, kCapacity> values_{};
  std::atomic<std::size_t> head_{0};
  std::atomic<std::size_t> tail_{0};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace amb
