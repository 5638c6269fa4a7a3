// SPDX-License-Identifier: Apache-2.0
//
// The listeners of a whole wiring, found by what reaches them: whether a target leads back to one of ten
// thousand listeners is one look-up, not ten thousand comparisons.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "wiring/wiring.h"

namespace amb {

/// The host alone, for maps and sets; unlike host() it asks the kernel for no name of an interface.
std::string host_key(const SocketAddress& address);

class ListenerIndex {
 public:
  struct Listener {
    SocketAddress address;
    std::string origin;  ///< Who wants it, for messages: "variable REDIS_PORT_6379_TCP".
  };

  /// `host` says which addresses and which name are our own.
  explicit ListenerIndex(const WiringInput& host, std::span<const Link> links = {});

  void add(const Link& link);

  /// The first listener that a connection to the target would reach, in whichever spelling; nothing for a
  /// target that leads elsewhere, or whose name has yet to be resolved.
  const Listener* find(const Target& target) const;

 private:
  /// Places in listeners_.
  using Place = std::optional<std::size_t>;
  struct AtPort {
    Place any_ipv6;  ///< "::", which takes IPv4 too.
    Place any_ipv4;
    Place loopback;      ///< The first one on a loopback address.
    Place not_loopback;  ///< The first one elsewhere, "every address" included.
    std::map<std::string, std::size_t, std::less<>> by_host;
  };

  void add(const SocketAddress& address, std::size_t place);
  Place find_address(const AtPort& at, const SocketAddress& address) const;
  Place find_name(const AtPort& at, const Target& target) const;

  std::string hostname_;
  std::set<std::string, std::less<>> own_hosts_;
  std::vector<Listener> listeners_;
  std::map<std::uint16_t, AtPort> by_port_;
  std::map<std::string, std::size_t, std::less<>> by_path_;
};

}  // namespace amb
