// SPDX-License-Identifier: Apache-2.0
//
// One relayed pair of connections: the accepted downstream leg, the upstream leg that a Connector finds, a
// relay per direction, and the state machine that says what may happen (session_state.h). This file turns
// events of the loop into events of that machine and its actions into system calls; it decides nothing
// itself.
//
// Owned by the worker's slab. Life: built by the listener with its downstream leg unread → Connector →
// relaying → both legs closed → on_session_closed() → freed when the turn ends.
#pragma once

#include <array>
#include <cstdint>

#include "base/intrusive_list.h"
#include "base/unique_fd.h"
#include "loop/event_loop.h"
#include "net/compact_address.h"
#include "net/socket.h"
#include "proxy/close_record.h"
#include "proxy/connector.h"
#include "proxy/glimpse.h"
#include "proxy/relay.h"
#include "proxy/session_host.h"
#include "proxy/session_state.h"
#include "proxy/worker_report.h"

namespace amb {

struct SessionTag;  // for the worker's list of open or of closed sessions

class Session final : public ListHook<SessionTag>, private ConnectorOwner, private Timer, private Deferred {
 public:
  Session(SessionHost& host, LinkId link, UniqueFd downstream, const CompactAddress& peer);

  /// Watches the downstream leg and starts to connect. May close the session at once.
  void start();

  /// Before start(): it does not connect until let_go(). `mark` is for on_held_back_end().
  void hold_back(std::uint32_t mark) {
    is_held_back_ = true;
    mark_ = mark;
  }
  bool is_held_back() const { return is_held_back_ && !is_closed(); }
  void let_go(bool is_looping);  ///< To connect, or else to be reset.

  /// Ends the session by reset: the drain's deadline, a removed link.
  void expire(CloseReason reason) { apply(SessionEvent::expire, Direction::to_upstream, reason); }

  /// Called every dead_peer / 20: ends the session when a peer has not acknowledged anything for dead_peer.
  /// The first call turns on the upstream leg's keepalive, so that short sessions do without those calls.
  void watch_peers();

  /// Its link is other than before: who is not connected yet follows it.
  void on_other_route() {
    if (state_.phase == Phase::connecting && !is_held_back_) connector_.on_other_route();
  }

  LinkId link() const { return link_; }
  void set_number(std::uint32_t number) { number_ = number; }
  std::uint32_t number() const { return number_; }  ///< Among those of its worker.
  SessionReport report() const;
  PathQuality path(Side side) const { return path_quality(legs_[index(side)].fd.borrow()); }
  /// Connected to this endpoint of its link.
  bool is_at(Upstream::Slot slot) const {
    return state_.phase != Phase::connecting && connector_.slot() == slot;
  }
  /// Connected to an endpoint that its link leads to no longer.
  bool is_elsewhere() const {
    return state_.phase != Phase::connecting && !host_.upstream(link_).is_listed(connector_.slot());
  }
  bool is_connecting() const { return state_.phase == Phase::connecting; }
  /// Connected, and nothing has come back so far.
  bool is_unanswered() const {
    return state_.phase == Phase::relaying && relays_[index(Direction::to_downstream)].moved_bytes() == 0;
  }
  Upstream::Slot upstream_slot() const { return connector_.slot(); }
  bool is_closed() const { return state_.phase == Phase::closed; }
  const CompactAddress& downstream_peer() const { return downstream_peer_; }
  const CompactAddress& upstream_peer() const { return connector_.endpoint(); }
  CloseRecord close_record() const;  ///< Once closed.

 private:
  struct Leg final : EventSource {
    Leg(Session& owner, Side leg_side) : session(owner), side(leg_side) {}
    void on_events(std::uint32_t events) override { session.on_leg_events(*this, events); }

    Session& session;
    UniqueFd fd;
    Side side;
    bool read_until_dry = false;
    Milliseconds silent_since = 0;    ///< First seen waiting for an acknowledgement; 0 when not.
    std::uint64_t checked_bytes = 0;  ///< Sent to it when it was last seen quiet.
  };

  // ConnectorOwner
  void on_connected() override { begin(SessionEvent::connected); }
  void on_connected_lost(int error) override {
    error_ = error;
    begin(SessionEvent::connected_lost);
  }
  void on_connect_failed(CloseReason reason) override {
    apply(SessionEvent::expire, Direction::to_upstream, reason);
  }
  EventSource& upstream_events() override { return leg(Side::upstream); }

  void on_timer() override;
  void on_deferred() override;
  void on_leg_events(Leg& leg, std::uint32_t events);
  void on_early_events(std::uint32_t events);

  void begin(SessionEvent event);
  void apply(SessionEvent event, Direction direction, CloseReason reason = CloseReason::eof);
  void send_fin(Direction direction);
  void read_both() {
    for (const Direction direction : kBothDirections) advance(direction);
  }
  void advance(Direction direction);
  void flush(Direction direction);
  void send_waiting(Direction direction);
  void send_what_waits();
  void note_progress(Direction direction, std::uint64_t moved_before) {
    if (relay(direction).moved_bytes() == moved_before) return;
    last_progress_ = host_.loop().now();
    if (moved_before == 0) note_first_bytes(direction);
  }
  void note_first_bytes(Direction direction);
  void note_protocol();
  void input_failed(Direction direction, int error);
  void output_failed(Direction direction, int error);
  void close(const SessionActions& actions);

  void await_delivery();
  void begin_abort();
  void watch_abort();
  void watch_activity();
  Milliseconds quiet_limit();
  bool is_silent(Leg& leg, Milliseconds limit);
  const RouteLimits& limits() { return host_.route(link_).limits; }

  Leg& leg(Side side) { return legs_[index(side)]; }
  Relay& relay(Direction direction) { return relays_[index(direction)]; }

  static constexpr std::uint32_t kNotConnected = ~std::uint32_t{0};

  SessionHost& host_;
  [[no_unique_address]] Glimpse glimpse_;  // the next members lie in its padding
  SessionState state_;
  bool is_kept_alive_ : 1 = false;
  bool is_held_back_ : 1 = false;
  std::array<bool, 2> is_spent_{false, false};  ///< By Direction: more may be there, for the next turn.
  LinkId link_;
  std::uint32_t number_ = 0;
  int error_ = 0;                             ///< errno behind the close reason.
  std::uint32_t connect_ms_ = kNotConnected;  ///< From accept to the upstream leg.
  union {
    std::uint32_t mark_ = 0;         ///< While it is held back.
    std::uint32_t abort_remaining_;  ///< Unacknowledged when last looked, to see progress.
  };
  std::array<Leg, 2> legs_;      ///< By Side.
  std::array<Relay, 2> relays_;  ///< By Direction.
  Connector connector_;
  CompactAddress downstream_peer_;
  Milliseconds opened_ = 0;
  Milliseconds last_progress_ = 0;  ///< When a byte last moved, or was acknowledged while aborting.
  Milliseconds waits_since_ = 0;    ///< For the first answer while relaying, for delivery while aborting.
};

static_assert(sizeof(Session) <= 512);  // what an idle one costs, docs/performance.md

}  // namespace amb
