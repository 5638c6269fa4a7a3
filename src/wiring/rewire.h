// SPDX-License-Identifier: Apache-2.0
//
// A link of the running wiring with other targets. Options in their URLs replace the link's own; where it
// listens stays. Pure.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

/// `declared` is the link as its source has it; `links` are all in force, `links[place]` the one that is
/// rewired, for no target may be a listener of ours. Every mistake at once.
std::expected<Link, std::vector<Problem>> rewire_link(const Link& declared, std::span<const std::string> urls,
                                                      std::span<const Link> links, std::size_t place,
                                                      const WiringInput& host);

}  // namespace amb
