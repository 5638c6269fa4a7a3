// SPDX-License-Identifier: Apache-2.0
#include "discovery/endpoint_list.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "net/embedded_address.h"
#include "net/interfaces.h"

namespace amb {

namespace {

// A link has a few; names that lead to more than this are somebody's mistake, and each list is copied to
// every worker.
constexpr std::size_t kMostEndpoints = 1024;

// Each is a line in the log.
constexpr std::size_t kMostRefused = 16;

// RFC 2782: "weights 0 should have a very small chance of being selected" beside others. A share must be at
// least 1, so all others count this much more.
constexpr std::uint32_t kShareOfWeight = 64;

std::string why_refused(const SocketAddress& endpoint, const ListContext& context) {
  if (reaches_ipv4_link_local(endpoint)) return "link-local addresses are refused";
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

class Lister {
 public:
  explicit Lister(const ListContext& context) : context_(context) {}

  void add(std::uint32_t index, const Target& target, const KnownNames& known) {
    was_added_ = was_refused_ = false;
    if (target.address) {
      add({.address = *target.address, .target = index});
    } else if (target.is_service) {
      add_service(index, target, known.servers_of(target.name));
    } else {
      add_name(index, target, known.addresses_of(target.name));
    }
    if (was_refused_ && !was_added_) keep(index);
  }

  EndpointList take() { return std::move(list_); }

 private:
  void add_name(std::uint32_t index, const Target& target, std::vector<SocketAddress> addresses) {
    if (addresses.empty() && target.fallback) addresses.push_back(*target.fallback);
    for (const SocketAddress& address : dialled(target.name, addresses, target.port))
      add({.address = address, .target = index});
  }

  void add_service(std::uint32_t index, const Target& target, const std::vector<ServiceServer>& servers) {
    std::uint16_t tier = 0;
    std::optional<std::uint16_t> priority;
    for (const auto& [record, addresses] : servers) {
      if (priority && *priority != record.priority) ++tier;
      priority = record.priority;
      const auto all = dialled(target.name, addresses, record.port);
      // The weight is the server's, however many addresses it has.
      const auto share = record.weight * kShareOfWeight / std::max<std::size_t>(all.size(), 1);
      for (const SocketAddress& address : all) {
        add({.address = address,
             .target = index,
             .tier = tier,
             .weight = std::max(static_cast<std::uint32_t>(share), 1U),
             .is_service = true});
      }
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

  /// An address that is there already keeps its place; servers that share one also add up their weights.
  void add(const ResolvedEndpoint& endpoint) {
    was_added_ = true;
    auto& all = list_.endpoints;
    const auto same = std::ranges::find(all, endpoint.address, &ResolvedEndpoint::address);
    if (same == all.end()) {
      if (all.size() < kMostEndpoints) all.push_back(endpoint);
    } else if (endpoint.is_service && same->target == endpoint.target && same->tier == endpoint.tier) {
      same->weight += endpoint.weight;
    }
  }

  void keep(std::uint32_t index) {
    for (const ResolvedEndpoint& endpoint : context_.before) {
      if (endpoint.target == index) add(endpoint);
    }
  }

  const ListContext& context_;
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
