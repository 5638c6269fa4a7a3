// SPDX-License-Identifier: Apache-2.0
//
// Bytes that a closed socket still owes its peer. The kernel goes on sending them after close(), but a
// container's network is taken down the moment its first process exits, and what was queued is lost. So a
// stopping process asks here before it leaves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace amb {

/// How many TCP sockets of this network namespace that no process holds any more still have bytes or a FIN
/// unacknowledged, and whose local or remote port is one of `our_ports`.
std::size_t unsent_sockets(const std::vector<std::uint16_t>& our_ports);

/// The same over the text of /proc/net/tcp or /proc/net/tcp6, proc(5).
std::size_t count_unsent(std::string_view table, const std::vector<std::uint16_t>& our_ports);

}  // namespace amb
