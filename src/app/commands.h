// SPDX-License-Identifier: Apache-2.0
//
// The commands that print and end: check, version; and how problems are told before anything runs.
#pragma once

#include "app/cli.h"
#include "wiring/settings.h"
#include "wiring/wiring.h"

namespace amb {

/// With what the file would change in the ambassador that runs here, if the file was named for that.
int check(const CommandLine& line, const WiringInput& input, const Findings& findings);
int version(const CommandLine& line);

/// All problems at once on standard error, for people or for machines as `settings` say. Returns kExitUsage.
int report_problems(const Settings& settings, const Findings& findings);

}  // namespace amb
