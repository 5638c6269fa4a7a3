// SPDX-License-Identifier: Apache-2.0
//
// Reads from the system all text that can hold wiring.
#pragma once

#include "app/cli.h"
#include "wiring/wiring.h"

namespace amb {

/// Where a file of links is looked for when neither --config nor AMBASSADOR_CONFIG names one.
inline constexpr const char* kStandardConfigPath = "/etc/ambassador.toml";

/// The environment is read directly, never through a shell. A file that cannot be read is told by the wiring.
WiringInput read_input(const CommandLine& line, const char* standard_config_path = kStandardConfigPath);

}  // namespace amb
