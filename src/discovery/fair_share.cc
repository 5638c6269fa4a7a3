// SPDX-License-Identifier: Apache-2.0
#include "discovery/fair_share.h"

#include <string_view>
#include <utility>

namespace amb {

namespace {

std::string_view bytes_of(const SocketAddress& address) {
  return {reinterpret_cast<const char*>(address.raw()), address.raw_size()};
}

}  // namespace

void keep_same(std::vector<SocketAddress>& addresses, std::size_t most) {
  if (addresses.size() <= most) return;
  std::vector<std::string_view> lowest;
  for (const SocketAddress& address : addresses) lowest.push_back(bytes_of(address));
  const auto end = lowest.begin() + static_cast<std::ptrdiff_t>(most);
  std::ranges::nth_element(lowest, end);
  const std::string_view first_left_out = *end;
  std::vector<SocketAddress> kept;
  for (SocketAddress& address : addresses) {
    if (bytes_of(address) < first_left_out && kept.size() < most) kept.push_back(std::move(address));
  }
  addresses = std::move(kept);
}

}  // namespace amb
