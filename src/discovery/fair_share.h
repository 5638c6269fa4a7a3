// SPDX-License-Identifier: Apache-2.0
//
// When several ask for more than there is: how much each may have, so that who asks for little gets all of it
// and nobody is pushed out by who asks for much. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "net/address.h"

namespace amb {

/// The most that each may have, such that all of them together have no more than `most`; at least 1.
inline std::size_t fair_share(std::vector<std::size_t> wanted, std::size_t most) {
  std::ranges::sort(wanted);
  std::size_t left = most;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::size_t share = left / (wanted.size() - i);
    if (wanted[i] > share) return std::max<std::size_t>(share, 1);
    left -= wanted[i];
  }
  return std::max<std::size_t>(most, 1);
}

/// Leaves `most` of them, in their order: always the same ones of the same set, however a server turns it.
void keep_same(std::vector<SocketAddress>& addresses, std::size_t most);

}  // namespace amb
