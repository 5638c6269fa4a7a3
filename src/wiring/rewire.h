// SPDX-License-Identifier: Apache-2.0
//
// A link of the running wiring with other targets. Options in their URLs replace the link's own; where it
// listens stays. Pure.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "wiring/listener_index.h"
#include "wiring/wiring.h"

namespace amb {

/// `declared` is the link as its source has it; `listeners` are those of all links, for no target may be one
/// of ours. Every mistake at once.
std::expected<Link, Problems> rewire_link(const Link& declared, std::span<const std::string> urls,
                                          const ListenerIndex& listeners);

}  // namespace amb
