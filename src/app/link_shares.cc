// SPDX-License-Identifier: Apache-2.0
#include "app/link_shares.h"

#include <algorithm>

namespace amb {

void LinkShares::share_out(std::size_t most) {
  most_ = most;
  share_out();
}

void LinkShares::share_out() {
  const auto live = links_.live();
  const std::size_t for_others = live.size() < 2 ? 0 : (most_ + 9) / 10;
  const std::size_t by_default = std::max<std::size_t>(most_ - for_others, 1);
  for (const std::size_t link : live) {
    const std::size_t wanted = links_[link].options.max_sessions;
    const std::size_t share = wanted == 0 ? by_default : std::min(wanted, most_);
    auto& budget = shares_[link];
    budget == nullptr ? void(budget = std::make_unique<SessionBudget>(share)) : budget->set_most(share);
  }
}

}  // namespace amb
