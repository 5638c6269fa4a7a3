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

LinkResolver::LinkResolver(boost::asio::io_context& io, const LinkTable& links,
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
          }) {
  for (const std::size_t link : links_.live()) put(link);
}

bool LinkResolver::has_names(const Link& link) {
  return std::ranges::any_of(link.targets, [](const Target& target) { return !target.name.empty(); });
}

LinkResolver::WatchKey LinkResolver::key_of(const Link& link, const Target& target) {
  return {.is_service = target.is_service,
          .name = target.name,
          .settings = {.max_ttl = link.options.max_ttl, .empty_grace = link.options.empty_grace}};
}

void LinkResolver::start() {
  has_started_ = true;
  watch_files();  // first, so that no change falls between the two
  for (auto& [key, watched] : watched_) (void)watched.refresh();
}

void LinkResolver::watch_files() {
  if (!has_started_ || watched_.empty() || std::exchange(watches_files_, true)) return;
  files_.start();
}

void LinkResolver::put(std::size_t link) {
  std::set<WatchKey> keys;
  for (const Target& target : links_[link].targets) {
    if (!target.name.empty()) keys.insert(key_of(links_[link], target));
  }
  for (const WatchKey& key : keys) use(key, link);
  State& state = states_[link];
  for (const WatchKey& key : state.keys) {
    if (!keys.contains(key)) leave(key, link);
  }
  state = {.keys = std::move(keys), .endpoints = {}, .refused = {}, .awaited = {}};
  // An alias's fallback is for when its name has no answer, and that is not known yet.
  const auto is_unknown = [this](const WatchKey& key) { return !has_answered(key); };
  if (std::ranges::none_of(state.keys, is_unknown)) state.endpoints = list(link).endpoints;
}

void LinkResolver::remove(std::size_t link) {
  for (const WatchKey& key : states_[link].keys) leave(key, link);
  states_.erase(link);
}

void LinkResolver::use(const WatchKey& key, std::size_t link) {
  Watched& watched = watched_[key];
  watched.users.insert(link);
  if (watched.name || watched.service) return;
  if (key.is_service) {
    watched.service = std::make_unique<ServiceWatch>(
        io_, key.name, key.settings, look_up_services(io_),
        [this, key](const ServiceWatch::News& news) { on_service(key, news); });
  } else {
    watched.name =
        std::make_unique<NameWatch>(io_, key.name, key.settings, look_up_names(io_, SearchList::used),
                                    [this, key](const NameWatch::News& news) { on_name(key, news); });
  }
  if (!has_started_) return;
  watch_files();
  (void)watched.refresh();
}

void LinkResolver::leave(const WatchKey& key, std::size_t link) {
  Watched& watched = watched_.at(key);
  watched.users.erase(link);
  if (!watched.users.empty()) return;
  watched_.erase(key);
  const auto is_of_name = [&](const auto& other) { return other.first.name == key.name; };
  if (std::ranges::none_of(watched_, is_of_name)) told_.erase(key.name);
}

bool LinkResolver::has_answered(const WatchKey& key) const {
  const Watched& watched = watched_.at(key);
  return watched.name ? watched.name->has_answered() : !watched.service->servers().empty();
}

std::vector<LinkResolver::NameStatus> LinkResolver::names() const {
  std::vector<NameStatus> names;
  for (const auto& [key, watched] : watched_) {
    if (!names.empty() && names.back().name == key.name) continue;  // the keys are in order
    NameStatus status{key.name, {}, false};
    status.age = watched.name ? watched.name->age() : watched.service->service().age();
    status.is_failing = watched.name ? watched.name->is_failing() : watched.service->service().is_failing();
    names.push_back(std::move(status));
  }
  return names;
}

void LinkResolver::outdate_all() {
  for (auto& [key, watched] : watched_) watched.outdate();
}

void LinkResolver::want(std::size_t link) {
  if (!states_.contains(link)) return;  // it has left the wiring
  files_.flush();  // a change from before this call is never answered with what was known before it
  State& state = states_[link];
  for (const WatchKey& key : state.keys) {
    if (watched_.at(key).refresh() == Refresh::answer_follows) state.awaited.insert(key);
  }
  if (state.awaited.empty()) events_.on_endpoints(link, state.endpoints);
}

EndpointList LinkResolver::list(std::size_t link) const {
  const auto watched = [&](const std::string& name, bool is_service) -> const Watched& {
    return watched_.at(key_of(links_[link], {.name = name, .is_service = is_service}));
  };
  const KnownNames known{
      .addresses_of = [&](const std::string& name) { return watched(name, false).name->records(); },
      .servers_of = [&](const std::string& name) { return watched(name, true).service->servers(); }};
  return list_endpoints(
      links_[link].targets, known,
      {.listeners = listeners_, .own = own_addresses(), .before = states_.at(link).endpoints});
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
  for (const std::size_t link : watched_.at(key).users) {
    State& state = states_[link];
    const bool was_awaited = is_answer && state.awaited.erase(key) != 0;
    has_changed |= update(link, was_awaited && state.awaited.empty());
  }
  return has_changed;
}

bool LinkResolver::update(std::size_t link, bool is_wanted) {
  EndpointList now = list(link);
  State& state = states_[link];
  for (const auto& refused : now.refused) {
    if (std::ranges::count(state.refused, refused) == 0) events_.on_refused(link, refused);
  }
  state.refused = std::move(now.refused);
  const bool has_changed = now.endpoints != state.endpoints;
  if (has_changed) state.endpoints = std::move(now.endpoints);
  if (has_changed || is_wanted) events_.on_endpoints(link, state.endpoints);
  return has_changed;
}

}  // namespace amb
