// SPDX-License-Identifier: Apache-2.0
//
// IPv6 addresses that stand for an IPv4 one: what is refused in its own spelling is refused in theirs.
#pragma once

#include <vector>

#include "net/address.h"

namespace amb {

/// The address, unmapped, and each IPv4 address that a packet to it may arrive at: IPv4-compatible
/// (::a.b.c.d), NAT64 (64:ff9b::/96 of RFC 6052, 64:ff9b:1::/48 of RFC 8215 in both of its forms), 6to4
/// (2002::/16).
std::vector<SocketAddress> reached_addresses(const SocketAddress& address);

/// Whether it leads, in any spelling, to 169.254.0.0/16: the metadata of clouds, their keys among it.
bool reaches_ipv4_link_local(const SocketAddress& address);

}  // namespace amb
