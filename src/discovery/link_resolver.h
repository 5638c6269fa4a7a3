// SPDX-License-Identifier: Apache-2.0
//
// Keeps the endpoints of every link up to date: a NameWatch for each name, and for each link the list of
// addresses that follows from them. On the control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "discovery/endpoint_list.h"
#include "discovery/name_watch.h"
#include "wiring/wiring.h"

namespace amb {

/// Hears what changes, on the control thread. Links are counted as in the wiring.
class LinkResolverEvents {
 public:
  /// The link's endpoints, after a change or as the answer to want().
  virtual void on_endpoints(std::size_t link, const std::vector<SocketAddress>& endpoints) = 0;
  virtual void on_moved(const std::string& name, const std::vector<SocketAddress>& was,
                        const std::vector<SocketAddress>& now) = 0;
  virtual void on_resolve_failed(const std::string& name, const std::string& error, bool keeps_addresses) = 0;
  virtual void on_refused(std::size_t link, const EndpointList::Refused& refused) = 0;

 protected:
  ~LinkResolverEvents() = default;
};

class LinkResolver {
 public:
  LinkResolver(boost::asio::io_context& io, const std::vector<Link>& links,
               std::vector<SocketAddress> listeners, LinkResolverEvents& events);

  /// Endpoints known without asking anyone: literals. For the workers' first table.
  std::vector<SocketAddress> known_endpoints(std::size_t link) const { return endpoints_[link]; }
  static bool has_names(const Link& link);

  void start();                 ///< Begins to look names up.
  void want(std::size_t link);  ///< on_endpoints() follows once all of the link's names have answered anew.

 private:
  void on_answer(const NameWatch::News& news);
  void update(std::size_t link, bool is_wanted);
  EndpointList list(std::size_t link) const;

  boost::asio::io_context& io_;
  const std::vector<Link>& links_;
  std::vector<SocketAddress> listeners_;
  LinkResolverEvents& events_;
  std::map<std::string, std::unique_ptr<NameWatch>> watches_;
  std::vector<std::vector<SocketAddress>> endpoints_;        ///< By link, as last told.
  std::vector<std::vector<EndpointList::Refused>> refused_;  ///< By link, so that each is told once.
  std::vector<std::set<std::string>> awaited_;  ///< By link: names whose answer want() waits for.
};

}  // namespace amb
