// SPDX-License-Identifier: Apache-2.0
//
// From answers in a row to a health: an endpoint that is down must answer `rise` times before it is up again,
// one that is up must fail `fall` times. Pure.
#pragma once

#include <cstdint>

namespace amb {

enum class Health : std::uint8_t {
  unknown,  ///< Not answered yet. The first answer decides alone, whatever rise and fall say.
  up,
  down,
};

class HealthCount {
 public:
  /// One more answer. True when the health is another one now. A rise or fall of 0 is taken for 1.
  bool take(bool is_well, std::uint16_t rise, std::uint16_t fall);

  Health health() const { return health_; }

 private:
  Health health_ = Health::unknown;
  std::uint16_t against_ = 0;  ///< Answers in a row that speak against `health_`.
};

}  // namespace amb
