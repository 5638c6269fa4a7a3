// SPDX-License-Identifier: Apache-2.0
#include "discovery/look_up_turns.h"

#include <algorithm>
#include <utility>

namespace amb {

LookUpTurns::LookUpTurns(std::size_t sockets) : sockets_(sockets) {}

void LookUpTurns::take(std::weak_ptr<const Urgency> urgency, std::move_only_function<void(Urgency)> begin) {
  waiting_.push_back({std::move(urgency), std::move(begin)});
  go_on();
}

void LookUpTurns::give_back(Urgency urgency) {
  --under_way_;
  if (urgency == Urgency::doubtful) --doubtful_;
  go_on();
}

void LookUpTurns::go_on() {
  while (under_way_ < most() && !waiting_.empty()) {
    std::erase_if(waiting_, [](const Waiting& one) { return one.urgency.expired(); });
    const auto urgency_of = [](const Waiting& one) {
      const auto urgency = one.urgency.lock();
      return urgency ? *urgency : Urgency::doubtful;
    };
    const auto next = std::ranges::min_element(waiting_, {}, urgency_of);
    if (next == waiting_.end()) return;
    const Urgency urgency = urgency_of(*next);
    const bool is_doubtful = urgency == Urgency::doubtful;
    if (is_doubtful && doubtful_ >= (most() + 1) / 2) return;
    ++under_way_;
    if (is_doubtful) ++doubtful_;
    auto begin = std::move(next->begin);
    waiting_.erase(next);
    begin(urgency);
  }
}

}  // namespace amb
