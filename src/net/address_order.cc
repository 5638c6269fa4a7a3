// SPDX-License-Identifier: Apache-2.0
#include "net/address_order.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <compare>
#include <tuple>
#include <utility>

#include "base/unique_fd.h"

namespace amb {

namespace {

enum class Scope { link_local, site_local, global };

/// Of the policy table (section 2.1).
struct Policy {
  int precedence, label;
};

const unsigned char* bytes_of(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in6*>(address.raw())->sin6_addr.s6_addr;
}

Scope scope_of(const SocketAddress& address) {
  if (address.is_loopback() || address.is_link_local()) return Scope::link_local;
  if (address.family() == AF_INET6 && bytes_of(address)[0] == 0xfe && (bytes_of(address)[1] & 0xc0) == 0xc0)
    return Scope::site_local;
  return Scope::global;
}

Policy policy_of(const SocketAddress& address) {
  if (address.family() != AF_INET6) return {35, 4};
  const unsigned char* bytes = bytes_of(address);
  if (address.is_loopback()) return {50, 0};
  if (bytes[0] == 0x20 && bytes[1] == 0x02) return {30, 2};                                   // 6to4
  if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0 && bytes[3] == 0) return {5, 5};  // Teredo
  if ((bytes[0] & 0xfe) == 0xfc) return {3, 13};
  if (scope_of(address) == Scope::site_local) return {1, 11};
  return {40, 1};
}

/// The address that we would speak from; unset where no route leads there. Sends nothing.
SocketAddress source_towards(const SocketAddress& destination) {
  const UniqueFd probe(::socket(destination.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const SocketAddress address = destination.with_port(53);
  if (!probe.is_open() || ::connect(probe.borrow(), address.raw(), address.raw_size()) != 0) return {};
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* raw = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(probe.borrow(), raw, &size) != 0) return {};
  return SocketAddress::from_kernel(raw, size).unmapped();
}

/// Lower is better: rules 1, 2, 5, 6 and 8.
struct Rank {
  bool is_unreachable, has_other_scope, has_other_label;
  int precedence;
  Scope scope;
  auto operator<=>(const Rank&) const = default;
};

Rank rank_of(const SocketAddress& given) {
  const SocketAddress address = given.unmapped();
  const SocketAddress source = source_towards(address);
  return {.is_unreachable = !source.is_set(),
          .has_other_scope = source.is_set() && scope_of(source) != scope_of(address),
          .has_other_label = source.is_set() && policy_of(source).label != policy_of(address).label,
          .precedence = -policy_of(address).precedence,
          .scope = scope_of(address)};
}

}  // namespace

void order_addresses(std::vector<SocketAddress>& addresses) {
  const auto kind_of = [](const SocketAddress& given) {
    const SocketAddress address = given.unmapped();
    return std::tuple(address.family(), scope_of(address), policy_of(address).label);
  };
  const auto differs = [&](const auto& a, const auto& b) { return kind_of(a) != kind_of(b); };
  if (std::ranges::adjacent_find(addresses, differs) == addresses.end()) return;
  std::vector<std::pair<Rank, SocketAddress>> ranked;
  for (const SocketAddress& address : addresses) ranked.emplace_back(rank_of(address), address);
  std::ranges::stable_sort(ranked, {}, &std::pair<Rank, SocketAddress>::first);
  std::ranges::transform(ranked, addresses.begin(), &std::pair<Rank, SocketAddress>::second);
}

}  // namespace amb
