// SPDX-License-Identifier: Apache-2.0
//
// Whether a datagram is an answer of a name server at all. Pure, and careful: anybody may have sent it.
#pragma once

#include <span>

namespace amb {

/// It says that it answers, and it has all the records that it says it has. Not so an echo of the question,
/// and what was cut on the way; an answer that says itself that it was cut may end anywhere after its
/// question.
bool is_answer(std::span<const unsigned char> message);

}  // namespace amb
