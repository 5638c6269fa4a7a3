// SPDX-License-Identifier: Apache-2.0
//
// An endless stream of bytes that everyone can compute: what a peer sends is never stored, and whether the
// right bytes come out at the other end, in order, is one comparison with a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace amb::sim {

class ByteStream {
 public:
  explicit ByteStream(std::uint64_t seed = 0) : start_(seed) {}

  /// Fills `into` with what stands at `position`.
  void copy(std::uint64_t position, std::span<std::byte> into) const;
  bool matches(std::uint64_t position, std::span<const std::byte> bytes) const;
  bool operator==(const ByteStream&) const = default;

 private:
  std::uint64_t start_;
};

}  // namespace amb::sim
