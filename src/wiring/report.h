// SPDX-License-Identifier: Apache-2.0
//
// What `ambassador check` prints: every link, every candidate with its fate, every problem. All foreign text
// is escaped, and passwords are masked.
#pragma once

#include <string>
#include <string_view>

#include "wiring/wiring.h"

namespace amb {

/// Which of a link's options are told: those that are not as they are by default, or each.
enum class Detail { changed_options, all_options };

/// For people, in 80 columns unless one word is longer than that.
std::string report_text(const Findings& findings, bool colour, Detail detail = Detail::changed_options);

/// For programs: one JSON object {"ok", "links", "candidates", "problems", "notes"} and a newline.
std::string report_json(const Findings& findings);

/// "link", "merged", "ignored" or "problem".
std::string_view to_string(Candidate::Fate fate);

/// Where a link's option comes from, escaped: "default", "variable REDIS_PORT_6379_TCP", "links.toml:4:12".
std::string origin_of_option(const Link& link, std::string_view option);

}  // namespace amb
