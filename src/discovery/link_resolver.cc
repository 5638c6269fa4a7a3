// SPDX-License-Identifier: Apache-2.0
#include "discovery/link_resolver.h"

#include <algorithm>
#include <utility>

#include "net/interfaces.h"

namespace amb {

LinkResolver::LinkResolver(boost::asio::io_context& io, const std::vector<Link>& links,
                           std::vector<SocketAddress> listeners, LinkResolverEvents& events)
    : io_(io),
      links_(links),
      listeners_(std::move(listeners)),
      events_(events),
      endpoints_(links.size()),
      refused_(links.size()),
      awaited_(links.size()) {
  const auto look_up = [this](const std::string& name, std::move_only_function<void(NameAnswer)> on_answer) {
    look_up_name(io_, name, std::move(on_answer));
  };
  const auto on_answer = [this](const NameWatch::News& news) { this->on_answer(news); };
  for (const Link& link : links_) {
    for (const Target& target : link.targets) {
      if (target.name.empty() || watches_.contains(target.name)) continue;
      watches_[target.name] = std::make_unique<NameWatch>(io_, target.name, look_up, on_answer);
    }
  }
  for (std::size_t link = 0; link < links_.size(); ++link) {
    if (!has_names(links_[link])) endpoints_[link] = list(link).endpoints;
  }
}

bool LinkResolver::has_names(const Link& link) {
  return std::ranges::any_of(link.targets, [](const Target& target) { return !target.name.empty(); });
}

void LinkResolver::start() {
  for (const auto& [name, watch] : watches_) watch->refresh();
}

void LinkResolver::want(std::size_t link) {
  for (const Target& target : links_[link].targets) {
    if (target.name.empty()) continue;
    awaited_[link].insert(target.name);
    watches_[target.name]->refresh();
  }
  if (awaited_[link].empty()) events_.on_endpoints(link, endpoints_[link]);
}

EndpointList LinkResolver::list(std::size_t link) const {
  const auto addresses_of = [this](const std::string& name) { return watches_.at(name)->addresses(); };
  return list_endpoints(links_[link].targets, addresses_of, listeners_, own_addresses());
}

void LinkResolver::on_answer(const NameWatch::News& news) {
  const NameWatch& watch = news.watch;
  if (news.addresses_changed && !news.before.empty())
    events_.on_moved(watch.name(), news.before, watch.addresses());
  if (news.began_to_fail) events_.on_resolve_failed(watch.name(), news.error, !watch.addresses().empty());
  for (std::size_t link = 0; link < links_.size(); ++link) {
    const bool concerns = std::ranges::any_of(
        links_[link].targets, [&](const Target& target) { return target.name == watch.name(); });
    if (!concerns) continue;
    const bool was_awaited = awaited_[link].erase(watch.name()) != 0;
    update(link, was_awaited && awaited_[link].empty());
  }
}

void LinkResolver::update(std::size_t link, bool is_wanted) {
  EndpointList now = list(link);
  for (const auto& refused : now.refused) {
    if (std::ranges::count(refused_[link], refused) == 0) events_.on_refused(link, refused);
  }
  // A name that suddenly leads only to ourselves is a mistake in the zone: the old addresses stay.
  const bool keeps_old = now.endpoints.empty() && !now.refused.empty();
  refused_[link] = std::move(now.refused);
  const bool has_changed = !keeps_old && now.endpoints != endpoints_[link];
  if (has_changed) endpoints_[link] = std::move(now.endpoints);
  if (has_changed || is_wanted) events_.on_endpoints(link, endpoints_[link]);
}

}  // namespace amb
