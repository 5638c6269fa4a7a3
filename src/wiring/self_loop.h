// SPDX-License-Identifier: Apache-2.0
//
// A link that leads to a listener of this very process would dial itself until something runs out. Literal
// addresses and our own name are refused here, before anything opens; what a name resolves to is refused
// when it resolves.
#pragma once

#include <optional>
#include <span>

#include "wiring/draft.h"
#include "wiring/listener_index.h"

namespace amb {

/// Why a target is refused that is one of these listeners, whichever way it is spelled.
std::optional<Complaint> complain_of_loop(const Target& target, const ListenerIndex& listeners);

/// One problem for every target that is a listener of one of these links.
void refuse_self_loops(std::span<const Draft> drafts, const WiringInput& input, Findings& findings);

}  // namespace amb
