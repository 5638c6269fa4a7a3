// SPDX-License-Identifier: Apache-2.0
//
// `ambassador run`: from checked wiring to the exit code.
#pragma once

#include "wiring/settings.h"
#include "wiring/wiring.h"

namespace amb {

/// Relays until a signal ends it. Blocks.
int run(const Settings& settings, const Findings& findings);

}  // namespace amb
