// SPDX-License-Identifier: Apache-2.0
//
// AMBASSADOR_PORTS: which ports the hosts file's entries have, as "5432", "5432,5433" for every entry, or
// "postgres:5432,redis:6379" entry by entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

/// Each is a link for every host that it is for.
inline constexpr std::size_t kMostPorts = 1024;

struct PortList {
  std::vector<std::uint16_t> for_all;
  std::map<std::string, std::vector<std::uint16_t>, std::less<>> named;  ///< By alias in lower case.
  std::string text;                                                      ///< As given, for messages.

  /// The ports of an entry: its own if it is named, else those for all; empty if there are none. Here and
  /// below the alias is in lower case.
  const std::vector<std::uint16_t>& ports_of(std::string_view alias) const;
  bool names(std::string_view alias) const { return named.contains(alias); }
};

/// Appends a problem for every part that is wrong.
PortList parse_port_list(std::string_view text, Problems& problems);

}  // namespace amb
