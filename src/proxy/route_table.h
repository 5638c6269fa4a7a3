// SPDX-License-Identifier: Apache-2.0
//
// A worker's copy of the wiring: each link's route, what the worker knows of its endpoints, how its sessions
// fared, and the connectors that wait for news of its endpoints.
#pragma once

#include <cstdint>
#include <vector>

#include "base/intrusive_list.h"
#include "proxy/connector.h"
#include "proxy/route.h"
#include "proxy/upstream.h"
#include "proxy/worker_report.h"

namespace amb {

/// What a worker knows of a link that may lead back to us, worker_loops.cc.
struct LoopNotes {
  std::size_t unanswered = 0;    ///< Open sessions that no byte has gone down yet.
  std::size_t unsuspicious = 0;  ///< So many there were when the link was last tried in vain.
  Milliseconds found_at = 0;     ///< When it was last found to be a loop; 0 is never.
  Milliseconds said = 0;         ///< When that was last told.
};

class RouteTable {
 public:
  /// `seed` makes workers choose apart from each other.
  RouteTable(std::vector<Route> routes, std::uint32_t seed, Milliseconds now);

  const Route& route(LinkId link) const { return entries_[link].route; }
  Upstream& upstream(LinkId link) { return entries_[link].upstream; }
  LinkCounts& counts(LinkId link) { return entries_[link].counts; }
  std::size_t& open(LinkId link) { return entries_[link].open; }  ///< Sessions.
  Milliseconds& limit_said(LinkId link) { return entries_[link].limit_said; }
  LoopNotes& loop_notes(LinkId link) { return entries_[link].loops; }
  std::size_t size() const { return entries_.size(); }  ///< Beyond the highest number in use.
  bool holds(LinkId link) const { return link < entries_.size() && entries_[link].is_known; }
  Milliseconds shortest_dead_peer() const;

  /// A link that is new, or other than before. Its sessions are told by whoever has them.
  void put(Route route, Milliseconds now);
  void forget(LinkId link) { entries_[link].is_known = false; }  ///< It has no sessions any more.

  /// True when nobody has asked the resolver for this link since its last answer: do it now.
  [[nodiscard]] bool begin_asking(LinkId link);
  /// `connector` hears on_endpoints() with the next update of its link.
  void wait(Connector& connector) { waiting_.push_back(connector); }

  void apply(RouteUpdate update, Milliseconds now);
  /// Apart from apply(), for those who came before are still served.
  void set_drained(LinkId link, bool is_drained) { entries_[link].route.is_drained = is_drained; }

 private:
  struct Entry {
    Route route;
    Upstream upstream{Spreading{}, 0};
    LinkCounts counts;
    std::size_t open = 0;
    Milliseconds limit_said = 0;  ///< When consumers were last said to wait; 0 is never.
    LoopNotes loops;
    bool is_asked = false;
    bool is_known = false;
  };

  std::uint32_t seed_;
  std::vector<Entry> entries_;  ///< By LinkId.
  IntrusiveList<Connector, WaitingTag> waiting_;
};

}  // namespace amb
