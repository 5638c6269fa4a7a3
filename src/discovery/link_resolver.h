// SPDX-License-Identifier: Apache-2.0
//
// Keeps the endpoints of every link up to date: a watch for each name and service, and for each link the list
// of addresses that follows from them. Names are asked for again when their time to live is over, when a
// session could not connect (want), and when the hosts file or resolv.conf has changed. On the control
// thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <compare>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "discovery/endpoint_list.h"
#include "discovery/file_watch.h"
#include "discovery/look_up_turns.h"
#include "discovery/name_files.h"
#include "discovery/name_watch.h"
#include "discovery/service_watch.h"
#include "wiring/link_table.h"

namespace amb {

/// Hears what changes, on the control thread. Links have their numbers of the table.
class LinkResolverEvents {
 public:
  /// The link's endpoints, after a change or as the answer to want().
  virtual void on_endpoints(std::size_t link, const std::vector<ResolvedEndpoint>& endpoints) = 0;
  /// A name has other addresses, port 0; or a service has, with their ports. New sessions go there.
  virtual void on_moved(const std::string& name, const std::vector<SocketAddress>& was,
                        const std::vector<SocketAddress>& now) = 0;
  virtual void on_resolve_failed(const std::string& name, const std::string& error, bool keeps_addresses) = 0;
  virtual void on_refused(std::size_t link, const EndpointList::Refused& refused) = 0;
  /// Its names have more addresses than it may have endpoints. Told again only after it had room for all.
  virtual void on_left_out(std::size_t link, std::size_t endpoints) = 0;
  /// Changes of this file will be noticed by the clock alone. Told once for each file.
  virtual void on_watch_failed(const std::string& path, const std::string& error) = 0;

 protected:
  ~LinkResolverEvents() = default;
};

/// How targets that are not watched are looked up once: in turn with the watches, in the same files and at
/// the same servers. For as long as the resolver lives.
struct LookUpsOnce {
  NameWatch::LookUp name;
  ServiceWatch::LookUps service;
  /// What such targets would be as the endpoints of a link, those that must not be dialled left out.
  std::function<EndpointList(const std::vector<Target>& targets, const KnownNames& known)> list;
};

class LinkResolver {
 public:
  /// Sockets of the resolver, unless fewer descriptors are to be had.
  static constexpr std::size_t kMostSockets = 48;

  /// Knows the table's links from the start. `files` are those that c-ares reads.
  LinkResolver(boost::asio::io_context& io, const LinkTable& links, std::vector<SocketAddress> listeners,
               LinkResolverEvents& events, std::size_t most_sockets = kMostSockets,
               std::vector<std::string> files = {"/etc/hosts", "/etc/resolv.conf"});

  /// Endpoints known without asking anyone: literals. For the workers' first table.
  const std::vector<ResolvedEndpoint>& known_endpoints(std::size_t link) const {
    return states_.at(link).endpoints;
  }
  static bool has_names(const Link& link);
  /// Endpoints that were beyond the bound when the link's list was made.
  std::size_t left_out(std::size_t link) const { return states_.at(link).left_out; }

  /// How a name's answers are.
  struct NameStatus {
    std::string name;
    std::chrono::steady_clock::duration age{0};  ///< Of the last good one.
    bool is_failing = false;
  };
  std::vector<NameStatus> names() const;  ///< Each once, though links may watch it with other settings.
  std::vector<std::string> failing_names(std::size_t link) const;  ///< Whose last look-up gave no address.

  void start();  ///< Begins to look names up and to watch the files.

  /// The table has a new link, or other targets for one: names that nobody had are looked up. Tells nothing,
  /// and whoever wanted() an answer about the old ones gets none.
  void put(std::size_t link);
  void remove(std::size_t link);
  void set_listeners(std::vector<SocketAddress> listeners) { listeners_ = std::move(listeners); }

  /// on_endpoints() follows once all of the link's names have answered anew. It is called at once if that was
  /// a moment ago and they have no addresses.
  void want(std::size_t link);

  LookUpsOnce look_ups_once();

 private:
  /// Links that agree on all of this share a watch.
  struct WatchKey {
    bool is_service;
    std::string name;
    WatchSettings settings;
    auto operator<=>(const WatchKey&) const = default;
  };

  /// One of the two, by its key.
  struct Watched {
    std::unique_ptr<NameWatch> name;
    std::unique_ptr<ServiceWatch> service;
    std::set<std::size_t> users;  ///< Links.

    Refresh refresh(Urgency urgency) { return name ? name->refresh(urgency) : service->refresh(urgency); }
    void outdate() { name ? name->outdate() : service->outdate(); }
  };
  struct State {
    std::set<WatchKey> keys;
    std::vector<ResolvedEndpoint> endpoints;     ///< As last told.
    std::vector<EndpointList::Refused> refused;  ///< So that each is told once.
    std::set<WatchKey> awaited;                  ///< Those that want() waits for.
    std::size_t left_out = 0;
  };

  static WatchKey key_of(const Link& link, const Target& target);
  void use(const WatchKey& key, std::size_t link);
  void leave(const WatchKey& key, std::size_t link);
  void watch_files();
  bool has_answered(const WatchKey& key) const;
  void outdate_all();
  void on_name(const WatchKey& key, const NameWatch::News& news);
  void on_service(const WatchKey& key, const ServiceWatch::News& news);
  void tell_move(const std::string& name, const std::vector<SocketAddress>& now);
  bool update_links_of(const WatchKey& key, bool is_answer);  ///< Whether any leads elsewhere now.
  bool update(std::size_t link, bool is_wanted);
  EndpointList list(std::size_t link) const;

  boost::asio::io_context& io_;
  const LinkTable& links_;
  std::vector<SocketAddress> listeners_;
  LinkResolverEvents& events_;
  FileWatch files_;
  NameFiles name_files_;
  LookUpTurns turns_;
  std::shared_ptr<WatchCrowd> crowd_ = std::make_shared<WatchCrowd>();
  std::map<WatchKey, Watched> watched_;
  std::map<std::string, std::vector<SocketAddress>> told_;  ///< By name: where it is, for on_moved().
  std::map<std::size_t, State> states_;                     ///< By link.
  bool has_started_ = false;
  bool watches_files_ = false;
};

}  // namespace amb
