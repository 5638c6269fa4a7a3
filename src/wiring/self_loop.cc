// SPDX-License-Identifier: Apache-2.0
#include "wiring/self_loop.h"

#include <utility>

#include "wiring/listen_address.h"
#include "wiring/merge.h"

namespace amb {

std::optional<Complaint> complain_of_loop(const Target& target, const ListenerIndex& listeners) {
  const auto* listener = listeners.find(target);
  if (listener == nullptr) return std::nullopt;
  return Complaint{target.text + " is this ambassador itself: " + listener->origin + " listens on " +
                       format_listen_address(listener->address),
                   "a target that is not one of our listeners"};
}

void refuse_self_loops(std::span<const Draft> drafts, const WiringInput& input, Findings& findings) {
  ListenerIndex listeners(input);
  for (const Draft& draft : drafts) listeners.add(draft.link);
  for (const Draft& draft : drafts) {
    for (const Target& target : draft.link.targets) {
      auto complaint = complain_of_loop(target, listeners);
      if (!complaint) continue;
      mark(draft, Candidate::Fate::problem, complaint->what, findings);
      findings.problems.push_back({draft.link.origins.front(), draft.value, std::move(complaint->what),
                                   std::move(complaint->accepted)});
    }
  }
}

}  // namespace amb
