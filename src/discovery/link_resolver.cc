// SPDX-License-Identifier: Apache-2.0
#include "discovery/link_resolver.h"

#include <algorithm>
#include <utility>

#include "discovery/name_lookup.h"
#include "discovery/service_lookup.h"
#include "net/interfaces.h"

namespace amb {

namespace {

/// begin(request, on_answer) once it is the question's turn.
template <class Record, class Begin>
typename Watch<Record>::LookUp in_turn(NameFiles& files, LookUpTurns& turns, Begin begin) {
  return [&files, &turns, begin](const LookUpRequest<Record>& request, OnAnswer<Record> on_answer) {
    auto ask = [&turns, begin, request, on_answer = std::move(on_answer)](Urgency urgency) mutable {
      begin(request, [&turns, urgency, on_answer = std::move(on_answer)](Answer<Record> answer) mutable {
        turns.give_back(urgency);
        on_answer(std::move(answer));
      });
    };
    // One for each server, and one for an answer that is too long for a datagram.
    turns.set_sockets_of_one(files.resolv_conf().servers.size() + 1);
    turns.take(request.urgency, std::move(ask));
  };
}

NameWatch::LookUp look_up_names(boost::asio::io_context& io, NameFiles& files, LookUpTurns& turns,
                                SearchList search_list) {
  const auto look_up = [&io, &files, search_list](const auto& request, OnAnswer<SocketAddress> on_answer) {
    look_up_name(io, files, {.name = request.name, .search_list = search_list, .known = request.known},
                 std::move(on_answer));
  };
  return [&files, look_up, in_turn = in_turn<SocketAddress>(files, turns, look_up)](
             const LookUpRequest<SocketAddress>& request, OnAnswer<SocketAddress> on_answer) {
    // What the hosts file says takes no socket, and waits for nobody.
    if (!files.hosts().find(request.name).empty()) return look_up(request, std::move(on_answer));
    in_turn(request, std::move(on_answer));
  };
}

/// The hosts of SRV records are written in full.
ServiceWatch::LookUps look_up_services(boost::asio::io_context& io, NameFiles& files, LookUpTurns& turns) {
  const auto look_up = [&io, &files](const auto& request, OnAnswer<ServiceRecord> on_answer) {
    look_up_service(io, files, request.name, std::move(on_answer));
  };
  return {.service = in_turn<ServiceRecord>(files, turns, look_up),
          .host = look_up_names(io, files, turns, SearchList::ignored)};
}

}  // namespace

LinkResolver::LinkResolver(boost::asio::io_context& io, const LinkTable& links,
                           std::vector<SocketAddress> listeners, LinkResolverEvents& events,
                           std::size_t most_sockets, std::vector<std::string> files)
    : io_(io),
      links_(links),
      listeners_(std::move(listeners)),
      events_(events),
      files_(
          io, std::move(files), [this](const std::string&) { outdate_all(); },
          [this](const std::string& path, const Error& error) {
            events_.on_watch_failed(path, error.message());
          }),
      turns_(most_sockets) {
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
  for (auto& [key, watched] : watched_) (void)watched.refresh(Urgency::due);
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
  state = {.keys = std::move(keys), .endpoints = {}, .refused = {}, .awaited = {}, .left_out = 0};
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
        io_, key.name, key.settings, look_up_services(io_, name_files_, turns_),
        [this, key](const ServiceWatch::News& news) { on_service(key, news); },
        &std::chrono::steady_clock::now, crowd_);
  } else {
    watched.name = std::make_unique<NameWatch>(
        io_, key.name, key.settings, look_up_names(io_, name_files_, turns_, SearchList::used),
        [this, key](const NameWatch::News& news) { on_name(key, news); }, &std::chrono::steady_clock::now,
        crowd_);
  }
  if (!has_started_) return;
  watch_files();
  (void)watched.refresh(Urgency::due);
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

std::vector<std::string> LinkResolver::failing_names(std::size_t link) const {
  std::vector<std::string> failing;
  for (const WatchKey& key : states_.at(link).keys) {
    const Watched& watched = watched_.at(key);
    const bool is_failing =
        watched.name ? watched.name->is_failing() : watched.service->service().is_failing();
    if (is_failing) failing.push_back(key.name);
  }
  return failing;
}

void LinkResolver::outdate_all() {
  for (auto& [key, watched] : watched_) watched.outdate();
}

void LinkResolver::want(std::size_t link) {
  if (!states_.contains(link)) return;  // it has left the wiring
  files_.flush();  // a change from before this call is never answered with what was known before it
  State& state = states_[link];
  for (const WatchKey& key : state.keys) {
    if (watched_.at(key).refresh(Urgency::wanted) == Refresh::answer_follows) state.awaited.insert(key);
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

LookUpsOnce LinkResolver::look_ups_once() {
  return {.name = look_up_names(io_, name_files_, turns_, SearchList::used),
          .service = look_up_services(io_, name_files_, turns_),
          .list = [this](const std::vector<Target>& targets, const KnownNames& known) {
            const std::vector<ResolvedEndpoint> none;
            return list_endpoints(targets, known,
                                  {.listeners = listeners_, .own = own_addresses(), .before = none});
          }};
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
  if (now.left_out != 0 && state.left_out == 0) events_.on_left_out(link, now.left_out);
  state.left_out = now.left_out;
  const bool has_changed = now.endpoints != state.endpoints;
  if (has_changed) state.endpoints = std::move(now.endpoints);
  if (has_changed || is_wanted) events_.on_endpoints(link, state.endpoints);
  return has_changed;
}

}  // namespace amb
