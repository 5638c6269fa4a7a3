// SPDX-License-Identifier: Apache-2.0
//
// "host", "host:port" and their IPv6 spellings, checked character by character: what passes here can be
// dialled, resolved and printed without another look.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/address.h"
#include "wiring/complaint.h"

namespace amb {

/// Either a name (lower case, 1 to 253 of letters, digits, '-', '_' and '.', perhaps one more dot for the
/// root) or an IP address with port 0.
struct Host {
  std::string name;
  std::optional<SocketAddress> address;
};

struct HostPort {
  Host host;
  std::optional<std::uint16_t> port;
};

/// 1 to 65535, digits only.
Checked<std::uint16_t> parse_port(std::string_view text);

/// A name, an IPv4 address, or an IPv6 address with or without brackets.
Checked<Host> parse_host(std::string_view text);

/// A host, perhaps with a port. A bare IPv6 address is split at the last colon when both halves make sense
/// ("fd00::1:6379"), as older kubelets print them; otherwise it is an address alone ("::1").
Checked<HostPort> parse_host_port(std::string_view text);

}  // namespace amb
