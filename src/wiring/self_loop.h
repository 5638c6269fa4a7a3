// SPDX-License-Identifier: Apache-2.0
//
// A link that leads to a listener of this very process would dial itself until something runs out. Literal
// addresses and our own name are refused here, before anything opens; what a name resolves to is refused
// when it resolves.
#pragma once

#include <span>

#include "wiring/draft.h"

namespace amb {

/// One problem for every target that is a listener of one of these links, whichever way it is spelled.
void refuse_self_loops(std::span<const Draft> drafts, const WiringInput& input, Findings& findings);

}  // namespace amb
