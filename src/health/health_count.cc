// SPDX-License-Identifier: Apache-2.0
#include "health/health_count.h"

namespace amb {

bool HealthCount::take(Health told, bool is_certain, std::uint16_t rise, std::uint16_t fall) {
  if (told == health_) {
    against_ = 0;
    return false;
  }
  if (told != leaning_) against_ = 0;
  leaning_ = told;
  const std::uint16_t needed = told == Health::up ? rise : fall;
  if (health_ != Health::unknown && ++against_ < needed && !is_certain) return false;
  health_ = told;
  against_ = 0;
  return true;
}

}  // namespace amb
