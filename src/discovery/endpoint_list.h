// SPDX-License-Identifier: Apache-2.0
//
// From a link's targets and what the resolver knows of their names to the addresses that a worker may dial.
// Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/address.h"
#include "wiring/wiring.h"

namespace amb {

struct EndpointList {
  std::vector<SocketAddress> endpoints;  ///< In the targets' order, none twice.

  /// An address that a name led to and that must not be dialled.
  struct Refused {
    std::string name;
    SocketAddress address;
    std::string why;
    bool operator==(const Refused&) const = default;
  };
  std::vector<Refused> refused;
};

/// What the resolver knows of a name: its addresses, port 0; empty when it has no answer.
using AddressesOf = std::function<std::vector<SocketAddress>(const std::string& name)>;

/// `listeners` are all addresses that this process listens on and `own` those of its interfaces: an endpoint
/// that leads back to us is refused, and so is a link-local one (cloud metadata lives there).
EndpointList list_endpoints(const std::vector<Target>& targets, const AddressesOf& addresses_of,
                            const std::vector<SocketAddress>& listeners,
                            const std::vector<SocketAddress>& own);

}  // namespace amb
