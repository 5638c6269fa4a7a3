// SPDX-License-Identifier: Apache-2.0
//
// In which order a name's addresses are best tried (RFC 6724, section 6), as far as this host can tell.
#pragma once

#include <vector>

#include "net/address.h"

namespace amb {

/// Families and scopes change places, addresses that are alike keep the order in which the server gave them:
/// rule 9, the longest common prefix, would undo its round robin.
void order_addresses(std::vector<SocketAddress>& addresses);

}  // namespace amb
