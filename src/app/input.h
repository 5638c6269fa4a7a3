// SPDX-License-Identifier: Apache-2.0
//
// Reads from the system all text that can hold wiring.
#pragma once

#include <string>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

/// `words` are the command line's. The environment is read directly, never through a shell.
WiringInput read_input(std::vector<std::string> words);

}  // namespace amb
