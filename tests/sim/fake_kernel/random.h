// SPDX-License-Identifier: Apache-2.0
//
// The one source of chance in a schedule: the same seed gives the same numbers on every machine (splitmix64).
#pragma once

#include <cstdint>

namespace amb::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }

  /// 0 … limit - 1; 0 when there is no choice.
  std::uint64_t below(std::uint64_t limit) { return limit < 2 ? 0 : next() % limit; }
  /// Both ends are possible.
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  /// True once in `n` on average; never for 0.
  bool one_in(std::uint64_t n) { return n != 0 && below(n) == 0; }
  bool percent(std::uint64_t chance) { return below(100) < chance; }

  /// A size from 1 to `most`, every order of magnitude as likely as another.
  std::uint64_t size(std::uint64_t most) {
    std::uint64_t bits = 0;
    while (most >> (bits + 1) != 0) ++bits;
    const std::uint64_t upper = std::uint64_t{1} << (between(0, bits) + 1);
    return between(1, upper < most ? upper : most);
  }

 private:
  std::uint64_t state_;
};

}  // namespace amb::sim
