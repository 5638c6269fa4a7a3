// SPDX-License-Identifier: Apache-2.0
//
// Latencies in nanoseconds, counted in buckets: 128 for each power of two, so that a quantile is off by less
// than one percent at any magnitude and recording costs a shift and an increment.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace amb::bench {

class Histogram {
 public:
  void record(std::uint64_t ns) {
    ++buckets_[index_of(ns)];
    ++count_;
  }

  std::uint64_t count() const { return count_; }

  /// The middle of the bucket that holds the q-th part (0 to 1) of what was recorded; 0 if nothing was.
  std::uint64_t quantile(double q) const {
    if (count_ == 0) return 0;
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(count_ - 1)) + 1;
    std::uint64_t seen = 0;
    for (std::size_t index = 0; index < buckets_.size(); ++index) {
      seen += buckets_[index];
      if (seen >= wanted) return middle_of(index);
    }
    return middle_of(buckets_.size() - 1);
  }

 private:
  static constexpr unsigned kSubBits = 7;
  static constexpr std::uint64_t kSub = 1U << kSubBits;

  static std::size_t index_of(std::uint64_t ns) {
    if (ns < kSub) return ns;
    const unsigned shift = static_cast<unsigned>(std::bit_width(ns)) - kSubBits - 1;
    return (shift + 1) * kSub + ((ns >> shift) - kSub);
  }

  static std::uint64_t middle_of(std::size_t index) {
    if (index < kSub) return index;
    const auto shift = static_cast<unsigned>(index / kSub) - 1;
    return ((index % kSub + kSub) << shift) + ((std::uint64_t{1} << shift) / 2);
  }

  std::array<std::uint64_t, (64 - kSubBits + 1) * kSub> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace amb::bench
