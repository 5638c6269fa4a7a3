// SPDX-License-Identifier: Apache-2.0
#include "proxy/route_table.h"

#include <utility>

namespace amb {

RouteTable::RouteTable(std::vector<Route> routes, std::uint32_t seed, Milliseconds now) {
  entries_.reserve(routes.size());
  for (Route& route : routes) {
    Upstream upstream(route.spreading, seed + route.link);
    upstream.replace(route.endpoints, now);
    entries_.push_back({std::move(route), std::move(upstream), false});
  }
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
