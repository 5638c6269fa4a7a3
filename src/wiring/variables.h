// SPDX-License-Identifier: Apache-2.0
//
// Link variables: which names of the environment are links that were meant for us. Docker's legacy links and
// variables set by hand are taken; copies of other containers' variables never; Kubernetes services only when
// AMBASSADOR_LINKS names them, for a pod sees every service of its namespace.
#pragma once

#include <vector>

#include "wiring/draft.h"
#include "wiring/environment.h"

namespace amb {

/// Whether anything else has given a link already; if not, services without a choice are a problem.
enum class Demand { needed, optional };

/// Appends a candidate for every name that has the shape of a link, a draft for each that is one.
void read_variables(const Environment& environment, Demand demand, Findings& findings,
                    std::vector<Draft>& drafts);

/// For when arguments replace the environment as a whole: every candidate is ignored.
void ignore_variables(const Environment& environment, std::string_view why, Findings& findings);

/// What a problem names that concerns the environment as a whole.
Origin whole_environment();

}  // namespace amb
