// SPDX-License-Identifier: Apache-2.0
#include "net/interfaces.h"

#include <ifaddrs.h>

#include <algorithm>

#include "net/embedded_address.h"

namespace amb {

namespace {

/// As reaches_listener(), of an address that stands for no other.
bool reaches(const SocketAddress& address, const SocketAddress& listener,
             const std::vector<SocketAddress>& own) {
  if (address.same_host(listener)) return true;
  const auto is_mine = [&](const SocketAddress& mine) { return mine.same_host(address); };
  const bool is_own = address.is_loopback() || address.is_unspecified() || std::ranges::any_of(own, is_mine);
  if (listener.is_unspecified()) return is_own;
  // Connecting to 0.0.0.0 or :: reaches the loopback address.
  return address.is_unspecified() && listener.is_loopback();
}

}  // namespace

std::vector<SocketAddress> own_addresses() {
  std::vector<SocketAddress> own;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return own;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    const sa_family_t family = entry->ifa_addr->sa_family;
    if (family == AF_INET) own.push_back(SocketAddress::from_kernel(entry->ifa_addr, sizeof(sockaddr_in)));
    if (family == AF_INET6) own.push_back(SocketAddress::from_kernel(entry->ifa_addr, sizeof(sockaddr_in6)));
  }
  ::freeifaddrs(list);
  return own;
}

bool reaches_listener(const SocketAddress& endpoint, const SocketAddress& listener,
                      const std::vector<SocketAddress>& own) {
  if (endpoint.is_unix() || listener.is_unix()) return endpoint == listener;
  if (endpoint.port() != listener.port()) return false;
  return std::ranges::any_of(reached_addresses(endpoint),
                             [&](const SocketAddress& address) { return reaches(address, listener, own); });
}

}  // namespace amb
