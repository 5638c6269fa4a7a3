// SPDX-License-Identifier: Apache-2.0
#include "net/compact_address.h"

#include <arpa/inet.h>

#include <cstring>

namespace amb {

CompactAddress::CompactAddress(const SocketAddress& address) {
  if (!address.is_set()) return;
  const SocketAddress plain = address.unmapped();
  family_ = plain.family();
  port_ = plain.port();
  if (family_ == AF_INET) {
    std::memcpy(host_.data(), &reinterpret_cast<const sockaddr_in*>(plain.raw())->sin_addr, 4);
  } else if (family_ == AF_INET6) {
    std::memcpy(host_.data(), &reinterpret_cast<const sockaddr_in6*>(plain.raw())->sin6_addr, 16);
  }
}

std::string CompactAddress::to_string() const {
  if (family_ == AF_UNSPEC) return "-";
  if (family_ == AF_UNIX) return "unix";
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family_, host_.data(), text.data(), text.size());
  const std::string host(text.data());
  return (family_ == AF_INET6 ? "[" + host + "]" : host) + ":" + std::to_string(port_);
}

bool CompactAddress::same_host(const CompactAddress& other) const {
  return family_ == other.family_ && family_ != AF_UNSPEC && host_ == other.host_;
}

}  // namespace amb
