// SPDX-License-Identifier: Apache-2.0
#include "discovery/link_resolver.h"

#include <algorithm>
#include <utility>

#include "discovery/name_lookup.h"
#include "discovery/service_lookup.h"
#include "net/interfaces.h"

namespace amb {

namespace {

NameWatch::LookUp look_up_names(boost::asio::io_context& io, SearchList search_list) {
  return [&io, search_list](const std::string& name, const std::vector<SocketAddress>& known,
                            OnAnswer<SocketAddress> on_answer) {
    look_up_name(io, {.name = name, .search_list = search_list, .known = known}, std::move(on_answer));
  };
}

/// The hosts of SRV records are written in full.
ServiceWatch::LookUps look_up_services(boost::asio::io_context& io) {
  return {.service =
              [&io](const std::string& name, const auto&, OnAnswer<ServiceRecord> on_answer) {
                look_up_service(io, name, std::move(on_answer));
              },
          .host = look_up_names(io, SearchList::ignored)};
}

}  // namespace

LinkResolver::LinkResolver(boost::asio::io_context& io, const std::vector<Link>& links,
                           std::vector<SocketAddress> listeners, LinkResolverEvents& events,
                           std::vector<std::string> files)
    : io_(io),
      links_(links),
      listeners_(std::move(listeners)),
      events_(events),
      files_(
          io, std::move(files), [this](const std::string&) { outdate_all(); },
          [this](const std::string& path, const Error& error) {
            events_.on_watch_failed(path, error.message());
          }),
      endpoints_(links.size()),
      refused_(links.size()),
      awaited_(links.size()) {
  for (const Link& link : links_) {
    for (const Target& target : link.targets) {
      if (!target.name.empty()) watch(key_of(link, target));
    }
  }
  for (std::size_t link = 0; link < links_.size(); ++link) {
    if (!has_names(links_[link])) endpoints_[link] = list(link).endpoints;
  }
}

bool LinkResolver::has_names(const Link& link) {
  return std::ranges::any_of(link.targets, [](const Target& target) { return !target.name.empty(); });
}

LinkResolver::WatchKey LinkResolver::key_of(const Link& link, const Target& target) {
  return {.is_service = target.is_service,
          .name = target.name,
          .settings = {.max_ttl = link.options.max_ttl, .empty_grace = link.options.empty_grace}};
}

void LinkResolver::watch(const WatchKey& key) {
  if (key.is_service && !services_.contains(key)) {
    services_[key] = std::make_unique<ServiceWatch>(
        io_, key.name, key.settings, look_up_services(io_),
        [this, key](const ServiceWatch::News& news) { on_service(key, news); });
  }
  if (!key.is_service && !names_.contains(key)) {
    names_[key] =
        std::make_unique<NameWatch>(io_, key.name, key.settings, look_up_names(io_, SearchList::used),
                                    [this, key](const NameWatch::News& news) { on_name(key, news); });
  }
}

Refresh LinkResolver::refresh(const WatchKey& key) {
  return key.is_service ? services_.at(key)->refresh() : names_.at(key)->refresh();
}

void LinkResolver::start() {
  if (names_.empty() && services_.empty()) return;
  files_.start();  // first, so that no change falls between the two
  for (const auto& [key, watch] : names_) (void)watch->refresh();
  for (const auto& [key, watch] : services_) (void)watch->refresh();
}

void LinkResolver::outdate_all() {
  for (const auto& [key, watch] : names_) watch->outdate();
  for (const auto& [key, watch] : services_) watch->outdate();
}

void LinkResolver::want(std::size_t link) {
  files_.flush();  // a change from before this call is never answered with what was known before it
  for (const Target& target : links_[link].targets) {
    if (target.name.empty()) continue;
    const WatchKey key = key_of(links_[link], target);
    if (refresh(key) == Refresh::answer_follows) awaited_[link].insert(key);
  }
  if (awaited_[link].empty()) events_.on_endpoints(link, endpoints_[link]);
}

EndpointList LinkResolver::list(std::size_t link) const {
  const auto key_for = [&](const std::string& name, bool is_service) {
    return key_of(links_[link], {.name = name, .is_service = is_service});
  };
  const KnownNames known{
      .addresses_of = [&](const std::string& name) { return names_.at(key_for(name, false))->records(); },
      .servers_of = [&](const std::string& name) { return services_.at(key_for(name, true))->servers(); }};
  return list_endpoints(links_[link].targets, known,
                        {.listeners = listeners_, .own = own_addresses(), .before = endpoints_[link]});
}

void LinkResolver::on_name(const WatchKey& key, const NameWatch::News& news) {
  const auto& addresses = news.watch.records();
  // First: once it is told that a name has moved, new sessions follow it.
  const bool is_followed = update_links_of(key, true);
  if (is_followed && news.has_changed) tell_move(key.name, addresses);
  if (news.began_to_fail) events_.on_resolve_failed(key.name, news.error, !addresses.empty());
}

void LinkResolver::on_service(const WatchKey& key, const ServiceWatch::News& news) {
  const bool is_followed = update_links_of(key, news.is_settled);
  if (is_followed && news.has_moved) tell_move(key.name, news.now);
  if (news.began_to_fail) events_.on_resolve_failed(news.failing, news.error, !news.now.empty());
}

/// Once, though links with other settings watch the same name for themselves.
void LinkResolver::tell_move(const std::string& name, const std::vector<SocketAddress>& now) {
  auto& told = told_[name];
  if (std::ranges::is_permutation(told, now)) return;
  const auto was = std::exchange(told, now);
  if (!was.empty()) events_.on_moved(name, was, now);
}

bool LinkResolver::update_links_of(const WatchKey& key, bool is_answer) {
  bool has_changed = false;
  for (std::size_t link = 0; link < links_.size(); ++link) {
    const bool concerns = std::ranges::any_of(links_[link].targets, [&](const Target& target) {
      return !target.name.empty() && key_of(links_[link], target) == key;
    });
    if (!concerns) continue;
    const bool was_awaited = is_answer && awaited_[link].erase(key) != 0;
    has_changed |= update(link, was_awaited && awaited_[link].empty());
  }
  return has_changed;
}

bool LinkResolver::update(std::size_t link, bool is_wanted) {
  EndpointList now = list(link);
  for (const auto& refused : now.refused) {
    if (std::ranges::count(refused_[link], refused) == 0) events_.on_refused(link, refused);
  }
  refused_[link] = std::move(now.refused);
  const bool has_changed = now.endpoints != endpoints_[link];
  if (has_changed) endpoints_[link] = std::move(now.endpoints);
  if (has_changed || is_wanted) events_.on_endpoints(link, endpoints_[link]);
  return has_changed;
}

}  // namespace amb
