// SPDX-License-Identifier: Apache-2.0
//
// A SocketAddress in 20 bytes, for keeping one per session. UNIX paths do not fit: of those only the fact
// remains.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "net/address.h"

namespace amb {

class CompactAddress {
 public:
  CompactAddress() = default;
  explicit CompactAddress(const SocketAddress& address);

  /// As SocketAddress::to_string(); "unix" for any path, "-" when unset.
  std::string to_string() const;
  bool operator==(const CompactAddress&) const = default;  ///< UNIX paths are all the same here.
  bool same_host(const CompactAddress& other) const;
  std::uint16_t port() const { return port_; }  ///< Host byte order; 0 for a UNIX path.

 private:
  std::array<std::uint8_t, 16> host_{};
  std::uint16_t port_ = 0;  ///< Host byte order.
  sa_family_t family_ = AF_UNSPEC;
};

}  // namespace amb
