// SPDX-License-Identifier: Apache-2.0
//
// Links from a TOML file:
//
//   [links.redis]
//   listen = "tcp://0.0.0.0:6379"               # or 6379 for 127.0.0.1, or an array of both
//   upstream = ["tcp://redis-1:6379", "srv://_redis._tcp.example"]
//   health = "redis-primary"                    # any option of the table in options.cc
#pragma once

#include <cstddef>
#include <vector>

#include "wiring/draft.h"
#include "wiring/wiring.h"

namespace amb {

/// A file that is larger was not meant.
inline constexpr std::size_t kMostConfigBytes = 1024UL * 1024;

/// Appends a candidate per [links.NAME], drafts for those that are links, and every problem with the line and
/// column where it is.
void read_config_file(const ConfigText& config, Findings& findings, std::vector<Draft>& drafts);

/// For when HOST PORT replaces a file that nobody asked for on the command line.
void ignore_config_file(const ConfigText& config, std::string why, Findings& findings);

}  // namespace amb
