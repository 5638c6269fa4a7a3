// SPDX-License-Identifier: Apache-2.0
//
// The text of /etc/hosts as entries (hosts(5)). Docker writes one line "IP<TAB>alias hostname name" for every
// link and rewrites it in place when the linked container gets another address.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"

namespace amb {

struct HostsEntry {
  std::size_t line = 0;  ///< Counted from 1.
  SocketAddress address;
  std::vector<std::string> names;  ///< At least one.
};

/// Comments, and lines that are no entries, are passed over.
std::vector<HostsEntry> parse_hosts(std::string_view text);

}  // namespace amb
