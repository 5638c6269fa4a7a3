// SPDX-License-Identifier: Apache-2.0
#include "proxy/route_table.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace amb {

namespace {

/// Links draw apart from each other, too: what a linear generator gives for two seeds side by side is alike.
std::uint32_t seed_of(std::uint32_t worker, LinkId link) {
  std::seed_seq mixed{worker, std::uint32_t{link}};
  std::array<std::uint32_t, 1> seed{};
  mixed.generate(seed.begin(), seed.end());
  return seed.front();
}

}  // namespace

RouteTable::RouteTable(std::vector<Route> routes, std::uint32_t seed, Milliseconds now) : seed_(seed) {
  entries_.reserve(routes.size());
  for (Route& route : routes) put(std::move(route), now);
}

void RouteTable::put(Route route, Milliseconds now) {
  const LinkId link = route.link;
  if (link >= entries_.size()) entries_.resize(link + std::size_t{1});
  Entry& entry = entries_[link];
  if (!entry.is_known) {
    entry = {.route = {}, .upstream = Upstream(route.spreading, seed_of(seed_, link)), .counts = {}};
    entry.is_known = true;
  }
  entry.is_asked = false;  // for an answer about other targets
  entry.upstream.respread(route.spreading);
  entry.upstream.replace(route.endpoints, now);
  entry.route = std::move(route);
  entry.route.endpoints.clear();
}

Milliseconds RouteTable::shortest_dead_peer() const {
  Milliseconds shortest = RouteLimits{}.dead_peer;
  for (const Entry& entry : entries_) {
    if (entry.is_known) shortest = std::min(shortest, entry.route.limits.dead_peer);
  }
  return shortest;
}

bool RouteTable::begin_asking(LinkId link) { return !std::exchange(entries_[link].is_asked, true); }

void RouteTable::apply(RouteUpdate update, Milliseconds now) {
  Entry& entry = entries_[update.link];
  if (update.is_answer) entry.is_asked = false;
  entry.route.is_settling = update.is_settling;
  entry.route.is_refusing = update.is_refusing;
  entry.upstream.replace(update.endpoints, now);

  // Some begin to wait again at once: this update is not for them.
  IntrusiveList<Connector, WaitingTag> batch;
  batch.splice_back(waiting_);
  while (Connector* connector = batch.pop_front()) {
    if (connector->link() == update.link) {
      connector->on_endpoints(update.is_answer);
    } else {
      waiting_.push_back(*connector);
    }
  }
}

}  // namespace amb
