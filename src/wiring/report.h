// SPDX-License-Identifier: Apache-2.0
//
// What `ambassador check` prints: every link, every candidate with its fate, every problem. All foreign text
// is escaped.
#pragma once

#include <string>
#include <string_view>

#include "wiring/wiring.h"

namespace amb {

/// For people, in 80 columns unless one word is longer than that.
std::string report_text(const Findings& findings, bool colour);

/// For programs: one JSON object {"ok", "links", "candidates", "problems", "notes"} and a newline.
std::string report_json(const Findings& findings);

/// "link", "merged", "ignored" or "problem".
std::string_view to_string(Candidate::Fate fate);

}  // namespace amb
