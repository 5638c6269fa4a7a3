// SPDX-License-Identifier: Apache-2.0
//
// Which addresses are this host's own: what a relay must know to refuse to dial itself.
#pragma once

#include <vector>

#include "net/address.h"

namespace amb {

/// Every address of every interface that is up, port 0. Empty when the kernel does not tell.
std::vector<SocketAddress> own_addresses();

/// True when connecting to `endpoint` would reach the listener bound to `listener`: same port, and a host
/// that is the listener's own, in any spelling (wildcards, loopback, mapped IPv4, one of `own`).
bool reaches_listener(const SocketAddress& endpoint, const SocketAddress& listener,
                      const std::vector<SocketAddress>& own);

}  // namespace amb
