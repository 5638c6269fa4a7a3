// SPDX-License-Identifier: Apache-2.0
//
// The life of the program once its wiring is known: open, relay, be steered, stop.
#pragma once

#include "app/cli.h"
#include "wiring/settings.h"
#include "wiring/wiring.h"

namespace amb {

/// Runs until told to stop. `findings` has no problems; `line` is where it came from, for when the sources
/// are read again. Returns the program's exit code.
int run(const CommandLine& line, const Settings& settings, const Findings& findings);

}  // namespace amb
