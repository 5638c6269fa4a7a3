// SPDX-License-Identifier: Apache-2.0
#include "health/health_count.h"

namespace amb {

bool HealthCount::take(bool is_well, std::uint16_t rise, std::uint16_t fall) {
  const Health told = is_well ? Health::up : Health::down;
  if (told == health_) {
    against_ = 0;
    return false;
  }
  const std::uint16_t needed = is_well ? rise : fall;
  if (health_ != Health::unknown && ++against_ < needed) return false;
  health_ = told;
  against_ = 0;
  return true;
}

}  // namespace amb
