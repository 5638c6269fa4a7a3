// SPDX-License-Identifier: Apache-2.0
#include "discovery/endpoint_list.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "discovery/fair_share.h"
#include "net/embedded_address.h"
#include "net/interfaces.h"

namespace amb {

namespace {

// Each is a line in the log.
constexpr std::size_t kMostRefused = 16;

// RFC 2782: "weights 0 should have a very small chance of being selected" beside others. A share must be at
// least 1, so all others count this much more.
constexpr std::uint32_t kShareOfWeight = 64;

std::string why_refused(const SocketAddress& endpoint, const ListContext& context) {
  if (reaches_ipv4_link_local(endpoint)) return "link-local addresses are refused";
  if (endpoint.is_link_local()) return "a link-local address of a name has no zone";
  for (const SocketAddress& listener : context.listeners) {
    if (reaches_listener(endpoint, listener, context.own))
      return "leads back to our own listener " + listener.to_string();
  }
  return {};
}

/// By turns from the family of the first one and from the other, each family in its order.
std::vector<SocketAddress> interleave(const std::vector<SocketAddress>& addresses) {
  std::vector<SocketAddress> first, other, mixed;
  for (const SocketAddress& address : addresses) {
    const bool is_first = address.unmapped().family() == addresses.front().unmapped().family();
    (is_first ? first : other).push_back(address);
  }
  for (std::size_t i = 0; i < std::max(first.size(), other.size()); ++i) {
    if (i < first.size()) mixed.push_back(first[i]);
    if (i < other.size()) mixed.push_back(other[i]);
  }
  return mixed;
}

/// Endpoints that share and share alike with other groups: those of a target, or of one server of a service.
struct Group {
  ResolvedEndpoint like;     ///< But for the address.
  std::uint32_t weight = 1;  ///< Of all of them together.
  std::vector<SocketAddress> addresses;
};

class Lister {
 public:
  explicit Lister(const ListContext& context) : context_(context) {}

  void add(std::uint32_t index, const Target& target, const KnownNames& known) {
    was_added_ = was_refused_ = false;
    if (target.address) {
      add({.like = {.target = index}, .addresses = {*target.address}});
    } else if (target.is_service) {
      add_service(index, target, known.servers_of(target.name));
    } else {
      auto addresses = known.addresses_of(target.name);
      if (addresses.empty() && target.fallback) addresses.push_back(*target.fallback);
      add({.like = {.target = index}, .addresses = dialled(target.name, addresses, target.port)});
    }
    if (was_refused_ && !was_added_) keep(index);
  }

  EndpointList take() {
    std::vector<std::size_t> sizes;
    for (const Group& group : groups_) sizes.push_back(group.addresses.size());
    const std::size_t share = fair_share(std::move(sizes), kEndpointsOfALink);
    for (Group& group : groups_) {
      list_.left_out += group.addresses.size() - std::min(group.addresses.size(), share);
      keep_same(group.addresses, share);
      list(group);
    }
    return std::move(list_);
  }

 private:
  void add_service(std::uint32_t index, const Target& target, const std::vector<ServiceServer>& servers) {
    std::uint16_t tier = 0;
    std::optional<std::uint16_t> priority;
    for (const auto& [record, addresses, left_out] : servers) {
      if (priority && *priority != record.priority) ++tier;
      priority = record.priority;
      list_.left_out += left_out;
      add({.like = {.target = index, .tier = tier, .is_service = true},
           .weight = record.weight * kShareOfWeight,
           .addresses = dialled(target.name, addresses, record.port)});
    }
  }

  /// Those that may be, in the order in which they should be.
  std::vector<SocketAddress> dialled(const std::string& name, const std::vector<SocketAddress>& addresses,
                                     std::uint16_t port) {
    std::vector<SocketAddress> allowed;
    for (const SocketAddress& address : addresses) {
      const SocketAddress endpoint = address.with_port(port);
      if (std::string why = why_refused(endpoint, context_); !why.empty()) {
        was_refused_ = true;
        if (list_.refused.size() < kMostRefused) list_.refused.push_back({name, endpoint, std::move(why)});
      } else {
        allowed.push_back(endpoint);
      }
    }
    return interleave(allowed);
  }

  void add(Group group) {
    if (group.addresses.empty()) return;
    was_added_ = true;
    groups_.push_back(std::move(group));
  }

  /// The weight is the server's, however many addresses it has.
  void list(const Group& group) {
    ResolvedEndpoint endpoint = group.like;
    const auto share =
        static_cast<std::uint32_t>(group.weight / std::max<std::size_t>(group.addresses.size(), 1));
    endpoint.weight = std::max(share, 1U);
    for (const SocketAddress& address : group.addresses) {
      endpoint.address = address;
      list(endpoint);
    }
  }

  /// An address that is there already keeps its place; servers that share one also add up their weights.
  void list(const ResolvedEndpoint& endpoint) {
    auto& all = list_.endpoints;
    const auto same = std::ranges::find(all, endpoint.address, &ResolvedEndpoint::address);
    if (same == all.end()) {
      all.size() < kEndpointsOfALink ? all.push_back(endpoint) : void(++list_.left_out);
    } else if (endpoint.is_service && same->target == endpoint.target && same->tier == endpoint.tier) {
      same->weight += endpoint.weight;
    }
  }

  void keep(std::uint32_t index) {
    for (const ResolvedEndpoint& endpoint : context_.before) {
      if (endpoint.target == index)
        groups_.push_back({.like = endpoint, .weight = endpoint.weight, .addresses = {endpoint.address}});
    }
  }

  const ListContext& context_;
  std::vector<Group> groups_;
  EndpointList list_;
  bool was_added_ = false;    ///< An endpoint of the present target.
  bool was_refused_ = false;  ///< An address of it.
};

}  // namespace

EndpointList list_endpoints(const std::vector<Target>& targets, const KnownNames& known,
                            const ListContext& context) {
  Lister lister(context);
  for (std::uint32_t index = 0; const Target& target : targets) lister.add(index++, target, known);
  return lister.take();
}

}  // namespace amb
