// SPDX-License-Identifier: Apache-2.0
//
// A worker's one buffer to receive into. What is read is usually sent at once and overwritten by the next
// read. Small messages may stay where they are until the turn's other events have been read: sent one after
// the other then, they find their receivers awake, where each would have woken one (docs/performance.md).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace amb {

class ReceiveBuffer {
 public:
  static constexpr std::size_t kLargestReadBytes = 256 * 1024;
  static constexpr std::size_t kMostKeptBytes = 128 * 1024;

  /// Where the next read goes: at least kLargestReadBytes.
  std::span<std::byte> free_part() { return {bytes_.get() + kept_, kSizeBytes - kept_}; }

  /// Keeps the first `bytes` of the free part until release(). False, and nothing is kept, when too much is.
  bool keep(std::size_t bytes) {
    if (kept_ + bytes > kMostKeptBytes) return false;
    kept_ += bytes;
    return true;
  }

  /// Once a turn, when everything that was kept has been sent.
  void release() { kept_ = 0; }

 private:
  static constexpr std::size_t kSizeBytes = kLargestReadBytes + kMostKeptBytes;

  std::unique_ptr<std::byte[]> bytes_ = std::make_unique_for_overwrite<std::byte[]>(kSizeBytes);
  std::size_t kept_ = 0;
};

}  // namespace amb
