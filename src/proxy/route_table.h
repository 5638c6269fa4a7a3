// SPDX-License-Identifier: Apache-2.0
//
// A worker's copy of the wiring: each link's route, what the worker knows of its endpoints, and the
// connectors that wait for news of them.
#pragma once

#include <cstdint>
#include <vector>

#include "base/intrusive_list.h"
#include "proxy/connector.h"
#include "proxy/route.h"
#include "proxy/upstream.h"

namespace amb {

class RouteTable {
 public:
  /// `seed` makes workers choose apart from each other.
  RouteTable(std::vector<Route> routes, std::uint32_t seed, Milliseconds now);

  const Route& route(LinkId link) const { return entries_[link].route; }
  Upstream& upstream(LinkId link) { return entries_[link].upstream; }
  std::size_t size() const { return entries_.size(); }

  /// True when nobody has asked the resolver for this link since its last answer: do it now.
  [[nodiscard]] bool begin_asking(LinkId link);
  /// `connector` hears on_endpoints() with the next update of its link.
  void wait(Connector& connector) { waiting_.push_back(connector); }

  void apply(RouteUpdate update, Milliseconds now);

 private:
  struct Entry {
    Route route;
    Upstream upstream;
    bool is_asked = false;
  };

  std::vector<Entry> entries_;  ///< By LinkId.
  IntrusiveList<Connector, WaitingTag> waiting_;
};

}  // namespace amb
