// SPDX-License-Identifier: Apache-2.0
//
// Drafts of all sources become one set in which no two links want the same listening address. What says the
// same is joined, what contradicts is a problem that names both; nothing is left to a race.
#pragma once

#include <span>
#include <vector>

#include "wiring/draft.h"

namespace amb {

/// Takes out the variables whose port an argument claims for another target: explicit beats implicit.
void yield_to_arguments(std::span<const Draft> arguments, std::vector<Draft>& variables, Findings& findings);

/// Joins drafts that are the same link under several names (Compose v1 made three) and reports those that
/// listen at one place but lead to different ones.
std::vector<Draft> merge_drafts(std::vector<Draft> drafts, Findings& findings);

/// Marks all candidates of a draft.
void mark(const Draft& draft, Candidate::Fate fate, const std::string& why, Findings& findings);

}  // namespace amb
