// SPDX-License-Identifier: Apache-2.0
//
// From a link's targets and what the resolver knows of their names to the addresses that a worker may dial.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "discovery/srv_answer.h"
#include "net/address.h"
#include "wiring/wiring.h"

namespace amb {

/// An address that a worker may dial, and its place among the link's others.
struct ResolvedEndpoint {
  SocketAddress address;
  std::uint32_t target = 0;  ///< Index in Link::targets. Addresses of one name are raced (RFC 8305).
  std::uint16_t tier = 0;    ///< By rank of SRV priority, 0 is tried first; 0 for all but services.
  std::uint32_t weight = 1;  ///< Share within the tier, at least 1: of SRV records, else 1.
  bool is_service = false;   ///< From SRV records: chosen by weight, RFC 2782.
  bool operator==(const ResolvedEndpoint&) const = default;
};

/// Of one link. Each is copied to every worker, and may be checked.
inline constexpr std::size_t kEndpointsOfALink = 256;

struct EndpointList {
  std::vector<ResolvedEndpoint> endpoints;  ///< In the targets' order, no address twice.

  /// An address that a name led to and that must not be dialled.
  struct Refused {
    std::string name;
    SocketAddress address;
    std::string why;
    bool operator==(const Refused&) const = default;
  };
  std::vector<Refused> refused;

  std::size_t left_out = 0;  ///< Endpoints beyond kEndpointsOfALink.
};

/// A server of a service and the addresses of its host, port 0.
struct ServiceServer {
  ServiceRecord record;
  std::vector<SocketAddress> addresses;
  std::size_t left_out = 0;  ///< Addresses of it that are not among them: there were too many.
};

/// What the resolver knows: nothing where it has no answer.
struct KnownNames {
  std::function<std::vector<SocketAddress>(const std::string& name)> addresses_of;  ///< Port 0.
  std::function<std::vector<ServiceServer>(const std::string& name)> servers_of;    ///< By priority.
};

/// What a list is made with.
struct ListContext {
  const std::vector<SocketAddress>& listeners;  ///< All addresses that this process listens on.
  const std::vector<SocketAddress>& own;        ///< Those of this host's interfaces.
  const std::vector<ResolvedEndpoint>& before;  ///< The list so far.
};

/// An endpoint that leads back to us is refused, and so is a link-local one (cloud metadata lives there). A
/// target that suddenly leads only to such keeps its endpoints of before: that is a mistake in the zone.
///
/// Where there are more than kEndpointsOfALink, each target and each server of a service has its fair share
/// of them.
///
/// The addresses of one name alternate between the families, beginning with its first one (RFC 8305,
/// section 4).
EndpointList list_endpoints(const std::vector<Target>& targets, const KnownNames& known,
                            const ListContext& context);

}  // namespace amb
