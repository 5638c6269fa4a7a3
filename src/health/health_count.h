// SPDX-License-Identifier: Apache-2.0
//
// From answers in a row to a health: an endpoint that is not up must answer `rise` times before it is up
// again, one that is not down must fail `fall` times, unless an answer leaves no doubt. Pure.
#pragma once

#include <cstdint>

namespace amb {

enum class Health : std::uint8_t {
  unknown,  ///< Not answered yet. The first answer decides alone, whatever rise and fall say.
  up,
  down,
  standby,  ///< A replica where the primary is wanted: nothing is wrong with it, and it gets no sessions.
};

class HealthCount {
 public:
  /// One more answer, which speaks for `told`: up, down or standby. One that is certain counts at once. True
  /// when the health is another one now. A rise or fall of 0 is taken for 1.
  bool take(Health told, bool is_certain, std::uint16_t rise, std::uint16_t fall);

  Health health() const { return health_; }
  /// It has failed, and not often enough to be down.
  bool is_failing() const { return against_ > 0 && leaning_ == Health::down; }

 private:
  Health health_ = Health::unknown;
  Health leaning_ = Health::unknown;  ///< What the last answers that spoke against `health_` spoke for.
  std::uint16_t against_ = 0;         ///< How many of them there were in a row.
};

}  // namespace amb
