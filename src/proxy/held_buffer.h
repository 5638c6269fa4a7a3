// SPDX-License-Identifier: Apache-2.0
//
// Bytes that a sink did not take, and the pool that a worker keeps such buffers in: a slow reader fills and
// empties one many times a second, and none of that may cost an allocation. A direction that holds nothing
// has no buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace amb {

class HeldBufferPool;

/// A queue of bytes that is filled once and emptied piece by piece. Lies before its own storage.
struct HeldBuffer {
  HeldBufferPool* pool;
  HeldBuffer* next;  ///< In the pool's list while nobody uses it.
  std::uint32_t begin;
  std::uint32_t end;
  std::uint8_t size_class;

  std::byte* storage() { return reinterpret_cast<std::byte*>(this + 1); }
  std::span<const std::byte> bytes() { return {storage() + begin, storage() + end}; }
};

class HeldBufferPool {
 public:
  HeldBufferPool() = default;
  HeldBufferPool(const HeldBufferPool&) = delete;
  HeldBufferPool& operator=(const HeldBufferPool&) = delete;
  ~HeldBufferPool() { free_idle(); }

  struct Return {
    void operator()(HeldBuffer* buffer) const { buffer->pool->take_back(buffer); }
  };
  using Lease = std::unique_ptr<HeldBuffer, Return>;

  /// An empty buffer with room for `bytes`, at most 1 MiB. Null when there is no memory.
  Lease borrow(std::size_t bytes);

  /// Gives the memory back when nobody has borrowed since the last call.
  void trim();
  bool has_idle() const { return idle_bytes_ != 0; }
  std::size_t idle_bytes() const { return idle_bytes_; }

  /// So much is held that every direction should read as little at a time as it can: what many slow readers
  /// cost stays near kCrowdedBytes and the smallest chunk for each.
  bool is_crowded() const { return lent_bytes_ >= kCrowdedBytes; }

  static constexpr std::size_t kCrowdedBytes = 8 * 1024 * 1024;
  static constexpr std::size_t kLargestBytes = 1024 * 1024;       ///< What a pipe holds.
  static constexpr std::size_t kMostIdleBytes = 4 * 1024 * 1024;  ///< Beyond this, freed at once.

 private:
  static constexpr unsigned kClasses = 9;  ///< 4 KiB, 8 KiB, … 1 MiB.

  void take_back(HeldBuffer* buffer);
  void free_idle();

  std::array<HeldBuffer*, kClasses> idle_{};
  std::size_t idle_bytes_ = 0;
  std::size_t lent_bytes_ = 0;
  bool was_borrowed_ = false;  ///< Since the last trim().
};

}  // namespace amb
