// SPDX-License-Identifier: Apache-2.0
//
// The right side of a link: [scheme://]host[:port][/][?options] or srv://_service._tcp.name, several
// separated by commas. Scheme and port default to what the left side says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/complaint.h"
#include "wiring/wiring.h"

namespace amb {

/// Of one link. Each of its endpoints is known to every worker, and tried by sessions one after the other.
inline constexpr std::size_t kMostTargets = 1000;

struct TargetList {
  std::vector<Target> targets;       ///< In the order given, each once.
  std::vector<std::string> queries;  ///< What follows each '?', still encoded; of wrong targets too.
};

/// For links whose name says TCP. `default_port` is the port in the name; with 0 each target must say its
/// own. Every wrong target is one complaint, and so is it that there are too many, of which the others are
/// not read.
TargetList parse_targets(std::string_view value, std::uint16_t default_port, Complaints& complaints);

/// How many targets a value has, right or wrong.
std::size_t count_targets(std::string_view value);
Complaint too_many_targets(std::size_t count);

/// From a checked host: the text people see, and the address or the name to resolve.
Target make_target(const std::string& name, const std::optional<SocketAddress>& address, std::uint16_t port);

}  // namespace amb
