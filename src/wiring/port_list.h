// SPDX-License-Identifier: Apache-2.0
//
// AMBASSADOR_PORTS: which ports the hosts file's entries have, as "5432", "5432,5433" for every entry, or
// "postgres:5432,redis:6379" entry by entry.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

struct PortList {
  struct Named {
    std::string alias;  ///< Lower case.
    std::uint16_t port = 0;
  };

  std::vector<std::uint16_t> for_all;
  std::vector<Named> named;
  std::string text;  ///< As given, for messages.

  /// The ports of an entry: its own if it is named, else those for all; empty if there are none.
  std::vector<std::uint16_t> ports_of(std::string_view alias) const;
  bool names(std::string_view alias) const;
};

/// Appends a problem for every part that is wrong.
PortList parse_port_list(std::string_view text, std::vector<Problem>& problems);

}  // namespace amb
