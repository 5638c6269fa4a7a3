// SPDX-License-Identifier: Apache-2.0
#include "sim/fake_kernel/byte_stream.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "sim/fake_kernel/random.h"

namespace amb::sim {

namespace {

// A prime, so that bytes which moved by any number of pages or buffers do not meet their like.
constexpr std::size_t kPeriod = 65'521;

/// Twice the period, so that a period's worth of bytes is in one piece wherever it starts.
const std::byte* table() {
  static const auto bytes = [] {
    auto made = std::make_unique<std::byte[]>(2 * kPeriod);
    Random random(1);
    for (std::size_t i = 0; i < kPeriod; ++i)
      made[i] = made[i + kPeriod] = static_cast<std::byte>(random.next());
    return made;
  }();
  return bytes.get();
}

}  // namespace

void ByteStream::copy(std::uint64_t position, std::span<std::byte> into) const {
  while (!into.empty()) {
    const std::size_t count = std::min(into.size(), kPeriod);
    std::memcpy(into.data(), table() + (start_ + position) % kPeriod, count);
    position += count;
    into = into.subspan(count);
  }
}

bool ByteStream::matches(std::uint64_t position, std::span<const std::byte> bytes) const {
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), kPeriod);
    if (std::memcmp(bytes.data(), table() + (start_ + position) % kPeriod, count) != 0) return false;
    position += count;
    bytes = bytes.subspan(count);
  }
  return true;
}

}  // namespace amb::sim
