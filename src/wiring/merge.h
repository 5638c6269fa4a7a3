// SPDX-License-Identifier: Apache-2.0
//
// Drafts of all sources become one set in which no two links want the same listening address. What says the
// same is joined, what contradicts is a problem that names both; nothing is left to a race.
#pragma once

#include <span>
#include <vector>

#include "wiring/draft.h"

namespace amb {

/// Takes out the later drafts whose port an earlier source claims for another link: explicit beats implicit.
void yield_to_earlier(std::span<const Draft> earlier, std::vector<Draft>& later, Findings& findings);

/// Joins drafts that are the same link under several names (Compose v1 made three) and reports those that
/// listen at one place but lead to different ones.
std::vector<Draft> merge_drafts(std::vector<Draft> drafts, Findings& findings);

/// Links that share a name get their port into it, "redis:6380", so that each can be spoken of.
void tell_apart(std::vector<Draft>& drafts, Findings& findings);

/// Marks all candidates of a draft.
void mark(const Draft& draft, Candidate::Fate fate, const std::string& why, Findings& findings);

}  // namespace amb
