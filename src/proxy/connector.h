// SPDX-License-Identifier: Apache-2.0
//
// Finds a session its upstream leg: walks through the link's endpoints (upstream.h), each for connect_timeout
// and the last one for all that is left of connect_total. Addresses of one name are raced: when one is slow
// the next is tried beside it, and the first that answers wins (RFC 8305). When all have failed, or the last
// one is slow, and names are involved, the resolver is asked once more and what is new is tried. Then follows
// another round after a pause, for as long as connect_retries or hold allow. No consumer byte has been read
// by then, so nothing can be sent twice.
//
//          ┌────────────── another endpoint, or another round ───────────────┐
//          ▼                                                                 │
//      attempting ──all failed──▶ waiting for the resolver, for first checks, or out a pause
//          │ └──the last is slow──▶ the resolver is asked, the attempt goes on
//          ▼
//      connected
#pragma once

#include <memory>

#include "base/intrusive_list.h"
#include "base/unique_fd.h"
#include "loop/event_loop.h"
#include "net/compact_address.h"
#include "proxy/close_reason.h"
#include "proxy/session_host.h"
#include "proxy/upstream.h"

namespace amb {

struct WaitingTag;  // for the route table's list of connectors that wait for news of their endpoints

/// Hears how it went, exactly once: one of the first three.
class ConnectorOwner {
 public:
  virtual void on_connected() = 0;
  virtual void on_connected_lost(int error) = 0;  ///< Connected, and reset by the upstream before we noticed.
  virtual void on_connect_failed(CloseReason reason) = 0;
  virtual EventSource& upstream_events() = 0;  ///< Gets the events of the leg's socket, from the first on.

 protected:
  ~ConnectorOwner() = default;
};

class Connector final : public ListHook<WaitingTag>, private Timer {
 public:
  Connector(SessionHost& host, ConnectorOwner& owner, LinkId link);

  void start();
  void on_upstream_events(std::uint32_t events) { on_attempt_events(attempt_, events); }
  void on_endpoints(bool is_answer);  ///< There is news; `is_answer` when it is the resolver's.
  void on_other_route();              ///< The link is other than before; perhaps it leads elsewhere.

  /// The leg's socket is new: events of this turn that name the leg are of one before.
  bool is_leg_new() { return attempt_.begun_in_turn == turn(); }

  /// The session is over: ends what is under way and gives the endpoint back.
  void cancel();

  LinkId link() const { return link_; }
  UniqueFd take_fd() { return std::move(attempt_.fd); }  ///< After on_connected().
  Upstream::Slot slot() const { return attempt_.slot; }  ///< Where the session is, or tries to be.
  const CompactAddress& endpoint() const { return attempt_.endpoint; }
  int error() const { return error_; }  ///< errno of the last failure.

 private:
  struct Attempt {
    UniqueFd fd;
    Upstream::Slot slot = Upstream::kNoSlot;
    CompactAddress endpoint;          ///< Of the last one, too.
    std::uint32_t begun_in_turn = 0;  ///< Of the loop; the low half, like the next one.
    std::uint32_t begun_ms = 0;
  };
  /// The second one of a race, with an ear of its own. Stays until the session ends, for its loop may still
  /// name it in the turn in which it loses.
  struct Rival final : EventSource {
    explicit Rival(Connector& its_connector) : connector(its_connector) {}
    void on_events(std::uint32_t events) override { connector.on_attempt_events(attempt, events); }
    Connector& connector;
    Attempt attempt;
  };

  std::uint32_t turn() { return static_cast<std::uint32_t>(host_.loop().turn_number()); }
  Milliseconds now() { return host_.loop().now(); }
  Milliseconds begun(const Attempt& attempt) {
    return now() - (static_cast<std::uint32_t>(now()) - attempt.begun_ms);
  }
  const RouteLimits& limits() { return host_.route(link_).limits; }
  Upstream& upstream() { return host_.upstream(link_); }
  /// What it waits for while nothing else is left to do.
  enum class Wait : std::uint8_t { nothing, resolver, checks, pause };

  bool has_rival() const { return rival_ != nullptr && rival_->attempt.fd.is_open(); }
  /// The walk is of endpoints that have changed since: what comes next is another one's beginning.
  bool is_walk_over() { return generation_ != upstream().generation(); }
  bool has_next() {
    return is_walk_over() ? upstream().size() > 0 : upstream().peek(walk_, now()).has_value();
  }
  bool is_gone(const Attempt& attempt) { return attempt.fd.is_open() && !upstream().is_listed(attempt.slot); }

  void on_timer() override;
  void on_attempt_events(Attempt& attempt, std::uint32_t events);

  // One attempt.
  bool begin(Attempt& attempt, Upstream::Slot slot, EventSource& events);
  void note_failure(const Attempt& attempt, int error);
  void abandon(Attempt& attempt);
  void lost(Attempt& attempt, int error);
  [[nodiscard]] bool win(Attempt& attempt);
  void connected(Attempt& attempt);

  // The race.
  bool may_race();
  void start_rival();
  [[nodiscard]] bool promote_rival();
  Milliseconds until(const Attempt& attempt);
  void arm();

  // The walk.
  void begin_walk();
  void try_next();
  void exhausted();
  bool may_ask() { return host_.route(link_).has_names && !asked_resolver_; }
  void ask_resolver();
  bool may_pause();
  void pause();
  void next_round();
  CloseReason reason();
  void give_up();
  void fail(CloseReason reason);
  void stop_waiting();
  void stop_attempts();

  SessionHost& host_;
  ConnectorOwner& owner_;
  std::unique_ptr<Rival> rival_;  ///< Once there was a race.
  Milliseconds give_up_ = 0;      ///< When all the time is over.
  LinkId link_;
  std::uint32_t generation_ = 0;  ///< Of the endpoints that walk_ goes through.
  Upstream::Walk walk_;
  std::uint16_t attempts_ = 0;
  int error_ = 0;
  std::uint16_t rounds_ = 0;
  bool asked_resolver_ = false;
  Wait wait_ = Wait::nothing;
  Attempt attempt_;
};

}  // namespace amb
