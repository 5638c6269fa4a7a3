// SPDX-License-Identifier: Apache-2.0
//
// The commands that ask a running ambassador, or steer it: each asks, prints, and says how it ended.
#pragma once

#include <boost/json/value.hpp>
#include <optional>

#include "app/cli.h"
#include "app/client.h"
#include "wiring/wiring.h"

namespace amb {

/// Whether the command is one of these, and not run, check or version.
bool is_client_command(CommandLine::Command command);

/// Returns the program's exit code.
int run_client_command(const CommandLine& line);

/// What the running ambassador would make of this file, as /v1/plan answers. Nothing when nobody is there.
std::optional<boost::json::value> ask_for_preview(const CommandLine& line, const ConfigText& config);

// Those that go on until they are interrupted.
int watch_status(const ControlSearch& search);
int follow_events(const ControlSearch& search, bool json);

/// Tells why it is not as it should be, on standard error, and gives the exit code; nothing when it is fine.
std::optional<int> tell_failure(const Result<Reply>& reply);

}  // namespace amb
