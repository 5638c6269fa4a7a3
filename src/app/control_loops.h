// SPDX-License-Identifier: Apache-2.0
//
// No link leads to the control API of this very program: whoever reaches a link's port would reach the API,
// and over the control socket as one of our own. What a name resolves to is refused when it resolves; whoever
// comes all the same is refused by the API (admin/http_access.h).
#pragma once

#include <span>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

/// A problem for each target that is one of the places where the API is, or may come to be: for a path
/// however it is spelled and whatever symbolic links lead there now, for an address by any of this host's
/// own.
Problems find_control_loops(std::span<const Link> links, std::span<const SocketAddress> control);

}  // namespace amb
