// SPDX-License-Identifier: Apache-2.0
#include "discovery/endpoint_list.h"

#include <algorithm>

#include "net/interfaces.h"

namespace amb {

namespace {

void add_unique(std::vector<SocketAddress>& list, const SocketAddress& address) {
  if (std::ranges::count(list, address) == 0) list.push_back(address);
}

std::string why_refused(const SocketAddress& endpoint, const std::vector<SocketAddress>& listeners,
                        const std::vector<SocketAddress>& own) {
  if (endpoint.is_link_local() && endpoint.unmapped().family() == AF_INET)
    return "link-local addresses are refused";
  for (const SocketAddress& listener : listeners) {
    if (reaches_listener(endpoint, listener, own))
      return "leads back to our own listener " + listener.to_string();
  }
  return {};
}

}  // namespace

EndpointList list_endpoints(const std::vector<Target>& targets, const AddressesOf& addresses_of,
                            const std::vector<SocketAddress>& listeners,
                            const std::vector<SocketAddress>& own) {
  EndpointList list;
  for (const Target& target : targets) {
    if (target.address) {
      add_unique(list.endpoints, *target.address);
      continue;
    }
    auto addresses = addresses_of(target.name);
    if (addresses.empty() && target.fallback) addresses.push_back(*target.fallback);
    for (const SocketAddress& address : addresses) {
      const SocketAddress endpoint = address.with_port(target.port);
      if (std::string why = why_refused(endpoint, listeners, own); !why.empty()) {
        list.refused.push_back({target.name, endpoint, std::move(why)});
      } else {
        add_unique(list.endpoints, endpoint);
      }
    }
  }
  return list;
}

}  // namespace amb
