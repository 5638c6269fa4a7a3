// SPDX-License-Identifier: Apache-2.0
#include "net/embedded_address.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace amb {

namespace {

using Bytes = std::span<const std::uint8_t, 16>;

SocketAddress make_ipv4(std::array<std::uint8_t, 4> bytes, std::uint16_t port) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
  sockaddr any{};
  static_assert(sizeof(any) == sizeof(v4));
  std::memcpy(&any, &v4, sizeof(v4));
  return SocketAddress::from_kernel(&any, sizeof(any));
}

bool has_prefix(Bytes bytes, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), bytes.begin());
}

}  // namespace

std::vector<SocketAddress> reached_addresses(const SocketAddress& address) {
  const SocketAddress plain = address.unmapped();
  std::vector<SocketAddress> reached{plain};
  if (!plain.is_ip() || plain.family() != AF_INET6) return reached;
  sockaddr_in6 v6{};
  std::memcpy(&v6, plain.raw(), sizeof(v6));
  const Bytes b(v6.sin6_addr.s6_addr);
  const auto add = [&](std::size_t w, std::size_t x, std::size_t y, std::size_t z) {
    const SocketAddress ipv4 = make_ipv4({b[w], b[x], b[y], b[z]}, plain.port());
    if (!ipv4.is_unspecified()) reached.push_back(ipv4);  // else it is the other form's
  };
  const bool is_compatible =
      has_prefix(b, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && !plain.is_unspecified() && !plain.is_loopback();
  const bool is_translated = has_prefix(b, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0});
  const bool is_translated_here = has_prefix(b, {0, 0x64, 0xff, 0x9b, 0, 1});
  if (is_compatible || is_translated || is_translated_here) add(12, 13, 14, 15);
  if (is_translated_here) add(6, 7, 9, 10);  // RFC 6052, 2.2: around the byte that stays zero
  if (has_prefix(b, {0x20, 0x02})) add(2, 3, 4, 5);
  return reached;
}

bool reaches_ipv4_link_local(const SocketAddress& address) {
  return std::ranges::any_of(reached_addresses(address), [](const SocketAddress& reached) {
    return reached.family() == AF_INET && reached.is_link_local();
  });
}

}  // namespace amb
