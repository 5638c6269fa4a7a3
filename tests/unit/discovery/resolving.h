// SPDX-License-Identifier: Apache-2.0
//
// A LinkResolver that runs, and what it says in words that compare.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "discovery/link_resolver.h"
#include "unit/discovery/name_server.h"

namespace amb::test {

inline Target at(const std::string& host, std::uint16_t port) {
  return {.text = host, .port = port, .address = ip(host, port)};
}
inline Target named(const std::string& name, std::uint16_t port) {
  return {.text = name, .name = name, .port = port};
}
inline Target service(const std::string& name) {
  return {.text = "srv://" + name, .name = name, .is_service = true};
}
inline Link leading_to(std::vector<Target> targets) {
  return {.name = "link", .targets = std::move(targets)};
}

inline std::string text_of(const std::vector<SocketAddress>& addresses) {
  std::string text;
  for (const SocketAddress& address : addresses) text += " " + address.to_string();
  return addresses.empty() ? " nothing" : text;
}
inline std::string text_of(const std::vector<ResolvedEndpoint>& endpoints) {
  std::vector<SocketAddress> addresses;
  for (const ResolvedEndpoint& endpoint : endpoints) addresses.push_back(endpoint.address);
  return text_of(addresses);
}

/// Resolves for `links` on a host that listens on 127.0.0.1:6379, and notes what it is told.
class Resolving final : public LinkResolverEvents {
 public:
  explicit Resolving(std::vector<Link> links)
      : links_(std::move(links)), resolver_(io_, links_, {ip("127.0.0.1", 6379)}, *this) {}

  LinkResolver* operator->() { return &resolver_; }
  const std::vector<ResolvedEndpoint>& endpoints() const {
    return endpoints_;
  }  ///< As last told of any link.
  boost::asio::io_context& io() { return io_; }

  /// The link of this number is another one now.
  void change(std::size_t number, Link link) {
    links_.replace(number, std::move(link));
    resolver_.put(number);
  }
  void add(Link link) { resolver_.put(links_.add(std::move(link))); }
  void remove(std::size_t number) {
    std::vector<std::size_t> rest = links_.live();
    std::erase(rest, number);
    links_.arrange(std::move(rest));
    resolver_.remove(number);
  }
  std::string known(std::size_t number) const { return text_of(resolver_.known_endpoints(number)); }

  /// Runs until the resolver has said so many things, and gives all of them.
  std::vector<std::string> said(std::size_t count) {
    while (said_.size() < count && io_.run_one_for(kDeadline) > 0) {
    }
    io_.poll();
    return std::exchange(said_, {});
  }

 private:
  void on_endpoints(std::size_t link, const std::vector<ResolvedEndpoint>& endpoints) override {
    endpoints_ = endpoints;
    said_.push_back(std::to_string(link) + " leads to" + text_of(endpoints));
  }
  void on_moved(const std::string& name, const std::vector<SocketAddress>& was,
                const std::vector<SocketAddress>& now) override {
    said_.push_back(name + " moved from" + text_of(was) + " to" + text_of(now));
  }
  void on_resolve_failed(const std::string& name, const std::string&, bool keeps_addresses) override {
    said_.push_back(name + (keeps_addresses ? " failed and keeps its addresses" : " failed"));
  }
  void on_refused(std::size_t link, const EndpointList::Refused& refused) override {
    said_.push_back(std::to_string(link) + " may not lead to " + refused.address.to_string());
  }

  void on_left_out(std::size_t link, std::size_t endpoints) override {
    said_.push_back(std::to_string(link) + " leaves out " + std::to_string(endpoints));
  }
  void on_watch_failed(const std::string& path, const std::string& error) override {
    said_.push_back(path + " is not watched: " + error);
  }

  LinkTable links_;
  boost::asio::io_context io_;
  std::vector<std::string> said_;
  std::vector<ResolvedEndpoint> endpoints_;
  LinkResolver resolver_;
};

using Said = std::vector<std::string>;

}  // namespace amb::test
