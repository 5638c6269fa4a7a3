// SPDX-License-Identifier: Apache-2.0
//
// Links given on the command line: two words HOST PORT, as the old images took them, or any number of
// NAME_PORT_<port>_TCP=url, the grammar of the variables.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "wiring/draft.h"

namespace amb {

enum class ArgumentForm { none, host_port, assignments };

/// Appends a candidate per word (one for HOST PORT), drafts for those that are links, and problems.
ArgumentForm read_arguments(std::span<const std::string> words, Findings& findings,
                            std::vector<Draft>& drafts);

}  // namespace amb
