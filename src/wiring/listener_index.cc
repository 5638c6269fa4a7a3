// SPDX-License-Identifier: Apache-2.0
#include "wiring/listener_index.h"

#include <algorithm>

#include "base/text.h"
#include "net/embedded_address.h"

namespace amb {

namespace {

using Place = std::optional<std::size_t>;

Place earlier(Place a, Place b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

void keep_first(Place& place, std::size_t candidate) {
  if (!place) place = candidate;
}

}  // namespace

std::string host_key(const SocketAddress& address) {
  const SocketAddress host = address.unmapped().with_port(0);
  return {reinterpret_cast<const char*>(host.raw()), host.raw_size()};
}

ListenerIndex::ListenerIndex(const WiringInput& host, std::span<const Link> links)
    : hostname_(host.hostname) {
  for (const SocketAddress& own : host.own_addresses) own_hosts_.insert(host_key(own));
  for (const Link& link : links) add(link);
}

void ListenerIndex::add(const Link& link) {
  const std::string origin = escape_text(to_string(link.origins.front()));
  for (const SocketAddress& address : link.listen) {
    add(address, listeners_.size());
    listeners_.push_back({address, origin});
  }
}

void ListenerIndex::add(const SocketAddress& address, std::size_t place) {
  if (address.is_unix()) {
    by_path_.try_emplace(address.path(), place);
    return;
  }
  AtPort& at = by_port_[address.port()];
  const SocketAddress plain = address.unmapped();
  if (plain.is_unspecified()) keep_first(plain.family() == AF_INET6 ? at.any_ipv6 : at.any_ipv4, place);
  keep_first(plain.is_loopback() ? at.loopback : at.not_loopback, place);
  at.by_host.try_emplace(host_key(plain), place);
}

const ListenerIndex::Listener* ListenerIndex::find(const Target& target) const {
  Place found;
  if (target.address && target.address->is_unix()) {
    const auto same = by_path_.find(target.address->path());
    if (same != by_path_.end()) found = same->second;
  } else if (const auto at = by_port_.find(target.port); at != by_port_.end()) {
    if (!target.address) found = find_name(at->second, target);
    for (const SocketAddress& reached : reached_addresses(target.address.value_or(SocketAddress())))
      found = earlier(found, find_address(at->second, reached));
  }
  return found ? &listeners_[*found] : nullptr;
}

Place ListenerIndex::find_address(const AtPort& at, const SocketAddress& address) const {
  if (!address.is_loopback() && !address.is_unspecified() && !own_hosts_.contains(host_key(address)))
    return {};
  const Place any = earlier(at.any_ipv6, address.family() == AF_INET ? at.any_ipv4 : Place());
  // The kernel takes 0.0.0.0 and :: for loopback when they are dialled.
  if (address.is_unspecified()) return earlier(any, at.loopback);
  const auto same = at.by_host.find(host_key(address));
  return same == at.by_host.end() ? any : earlier(any, same->second);
}

Place ListenerIndex::find_name(const AtPort& at, const Target& target) const {
  if (target.name == "localhost") return earlier(earlier(at.any_ipv6, at.any_ipv4), at.loopback);
  // Another host may have our name, too, in the hosts file: then addresses decide once it is resolved.
  const bool is_own = equals_ignoring_case(target.name, hostname_) && !target.fallback;
  return is_own ? at.not_loopback : Place();
}

}  // namespace amb
