// SPDX-License-Identifier: Apache-2.0
#include "proxy/session_state.h"

namespace amb {

namespace {

CloseReason lost_reason(Side side, CloseReason given) {
  if (given != CloseReason::eof) return given;
  return side == Side::downstream ? CloseReason::client_reset : CloseReason::upstream_reset;
}

SessionActions close_by_reset(SessionState& state) {
  state.phase = Phase::closed;
  return {.close_reset = true};
}

/// Sends the FIN of `direction` if it is due, and closes when it was the second one.
SessionActions try_fin(SessionState& state, Direction direction) {
  Half& half = state.half[index(direction)];
  if (half != Half::eof_in || state.holds[index(direction)]) return {};
  half = Half::fin_out;
  SessionActions actions;
  (direction == Direction::to_upstream ? actions.fin_to_upstream : actions.fin_to_downstream) = true;
  if (state.half[index(opposite(direction))] == Half::fin_out) {
    state.phase = Phase::closed;
    actions.close_clean = true;
  }
  return actions;
}

/// The direction whose bytes still matter while aborting: from the lost side to the surviving one.
Direction surviving(const SessionState& state) { return from(state.lost); }

SessionActions try_deliver(const SessionState& state) {
  const std::size_t d = index(surviving(state));
  if (state.half[d] == Half::open) return {.read = true};
  return {.await_delivery = !state.holds[d]};
}

SessionActions lose(SessionState& state, Side side, CloseReason reason) {
  state.phase = Phase::aborting;
  state.lost = side;
  state.reason = lost_reason(side, reason);
  state.holds[index(towards(side))] = false;
  SessionActions actions = try_deliver(state);
  actions.drop_held = true;
  return actions;
}

SessionActions step_relaying(SessionState& state, SessionEvent event, Direction direction,
                             CloseReason reason) {
  const std::size_t d = index(direction);
  switch (event) {
    case SessionEvent::held:
      state.holds[d] = true;
      return {};
    case SessionEvent::flushed:
      state.holds[d] = false;
      return try_fin(state, direction);
    case SessionEvent::input_end:
      if (state.half[d] == Half::open) state.half[d] = Half::eof_in;
      return try_fin(state, direction);
    case SessionEvent::input_failed:
      if (state.half[d] == Half::open) state.half[d] = Half::eof_in;
      return lose(state, source(direction), reason);
    case SessionEvent::output_failed:
      return lose(state, sink(direction), reason);
    case SessionEvent::expire:
      state.reason = reason;
      return close_by_reset(state);
    case SessionEvent::connected:
    case SessionEvent::connected_lost:
    case SessionEvent::delivered:
      return {};
  }
  return {};
}

SessionActions step_aborting(SessionState& state, SessionEvent event, Direction direction) {
  const std::size_t d = index(direction);
  const bool towards_survivor = direction == surviving(state);
  switch (event) {
    case SessionEvent::held:
      if (towards_survivor) state.holds[d] = true;
      return {};
    case SessionEvent::flushed:
      if (!towards_survivor) return {};
      state.holds[d] = false;
      return try_deliver(state);
    case SessionEvent::input_end:  // a lost side cannot end: recv's 0 after a reset is no FIN
    case SessionEvent::input_failed:
      if (!towards_survivor)
        return event == SessionEvent::input_end ? SessionActions{} : close_by_reset(state);
      if (state.half[d] == Half::open) state.half[d] = Half::eof_in;
      return try_deliver(state);
    case SessionEvent::output_failed:
      return towards_survivor ? close_by_reset(state) : SessionActions{};
    case SessionEvent::delivered:
    case SessionEvent::expire:
      return close_by_reset(state);
    case SessionEvent::connected:
    case SessionEvent::connected_lost:
      return {};
  }
  return {};
}

SessionActions step_connecting(SessionState& state, SessionEvent event, CloseReason reason) {
  if (event == SessionEvent::connected) {
    state.phase = Phase::relaying;
    return {.read = true};
  }
  if (event == SessionEvent::connected_lost) return lose(state, Side::upstream, reason);
  if (event != SessionEvent::expire) return {};
  state.reason = reason;
  return close_by_reset(state);
}

}  // namespace

bool SessionState::may_read(Direction direction) const {
  const std::size_t d = index(direction);
  if (half[d] != Half::open || holds[d]) return false;
  return phase == Phase::relaying || (phase == Phase::aborting && source(direction) == lost);
}

bool SessionState::is_half_closed() const {
  return phase == Phase::relaying && (half[0] != Half::open || half[1] != Half::open);
}

SessionActions step(SessionState& state, SessionEvent event, Direction direction, CloseReason reason) {
  switch (state.phase) {
    case Phase::connecting:
      return step_connecting(state, event, reason);
    case Phase::relaying:
      return step_relaying(state, event, direction, reason);
    case Phase::aborting:
      return step_aborting(state, event, direction);
    case Phase::closed:
      return {};
  }
  return {};
}

}  // namespace amb
