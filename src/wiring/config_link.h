// SPDX-License-Identifier: Apache-2.0
//
// One table [links.NAME] of a file of links.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/draft.h"
#include "wiring/toml_tree.h"
#include "wiring/wiring.h"

namespace amb {

/// Appends a candidate and a draft, or every problem with the line and column where it is.
void read_config_link(const ConfigText& config, const TomlEntry& entry, Findings& findings,
                      std::vector<Draft>& drafts);

Origin origin_at(const ConfigText& config, TomlPlace place);

/// Foreign text in quotes, as messages show it.
std::string quote_text(std::string_view text, std::size_t most_bytes = 80);

/// What may be shown of an entry's value: an option that stands in a wrong place keeps its secret too.
std::string_view shown_text(const TomlEntry& entry);

}  // namespace amb
