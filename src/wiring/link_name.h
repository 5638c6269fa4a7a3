// SPDX-License-Identifier: Apache-2.0
//
// The left side of a link: PREFIX_PORT_<digits>_<TCP|UDP|SCTP>, in any case. The last _PORT_ counts, so an
// alias may itself look like one ("MY_PORT_80_PORT_6379_TCP"). The facts that Docker and Kubernetes set
// beside it (_ADDR, _PORT, _PROTO, _START, _END) end differently and are therefore no links.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace amb {

enum class Protocol { tcp, udp, sctp };

std::string_view to_string(Protocol protocol);  ///< "TCP", "UDP", "SCTP".

/// No alias is longer.
inline constexpr std::size_t kLongestPrefix = 1024;

struct LinkName {
  std::string prefix;  ///< As given; may be empty, which is a mistake.
  std::string digits;  ///< As given; anything that stands where the port should.
  Protocol protocol = Protocol::tcp;
};

/// Nothing if the name has not the shape at all.
std::optional<LinkName> parse_link_name(std::string_view name);

/// Whether this is a link, perhaps a misspelled one, rather than a variable that ends alike by chance, as
/// REDIS_SERVICE_PORT_METRICS_TCP=9121 does.
bool means_a_link(const LinkName& name, std::string_view value);

}  // namespace amb
