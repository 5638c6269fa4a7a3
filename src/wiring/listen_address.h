// SPDX-License-Identifier: Apache-2.0
//
// The value of listen=: an IP address of ours, perhaps with a port, or a UNIX socket; and how UNIX sockets
// are written, wherever they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/address.h"
#include "wiring/complaint.h"

namespace amb {

/// "tcp://IP[:PORT]", "IP", "IP:PORT", "unix:///path" or "unix:@name"; a missing port is `default_port`,
/// or a mistake if that is 0.
Checked<SocketAddress> parse_listen_address(std::string_view text, std::uint16_t default_port);

/// As it can be given again: "[::]:6379", "unix:///path" or "unix:@name".
std::string format_listen_address(const SocketAddress& address);

/// What "unix://" or "unix:@" introduces, "/path" or "@name"; nothing if the text introduces something else.
std::optional<std::string_view> unix_part(std::string_view text);

/// What unix_part() found.
Checked<SocketAddress> parse_unix_address(std::string_view part);

/// An absolute path that a UNIX socket can have: at most 107 bytes of letters, digits and "/-_.:@+~=". One
/// place is one text: "//" and "/./" become "/". A ".." stays, for where it leads is in the file system.
Checked<SocketAddress> parse_unix_path(std::string_view path);

/// Where a link listens that was told nothing: every address of this host, IPv6 and IPv4.
SocketAddress any_address(std::uint16_t port);

}  // namespace amb
