// SPDX-License-Identifier: Apache-2.0
//
// The session's machine between two peers, judged by two ideal pipes. Each byte is one thing that happens:
// the low three bits say what, the next one on which side, the high four how much. A small kernel (queues
// counted in bytes, edges that tell of a change once) and a caller that keeps to session_state.h stand
// between the peers and the machine. The pipes know only what peers sent and got; nothing here asks the
// machine what is right.
#include <algorithm>
#include <array>
#include <utility>

#include "fuzz/ideal_pipes.h"
#include "fuzz/require.h"
#include "proxy/session_state.h"

namespace amb {
namespace {

using enum SessionEvent;
using test::IdealPipes;
using test::require;

constexpr std::array kBothSides = {Side::downstream, Side::upstream};
constexpr unsigned kSendQueueBytes = 4;  // small, so that bytes are often held
constexpr unsigned kWholeTurn = 1000;

CloseReason dead(Side side) {
  return side == Side::downstream ? CloseReason::client_dead : CloseReason::upstream_dead;
}

/// One peer and our kernel's socket towards it.
struct Leg {
  unsigned unread = 0;  ///< Sent by the peer, not yet read by us.
  unsigned queued = 0;  ///< Taken from us, not yet acknowledged by the peer.
  bool ended = false;
  bool lost = false;
  bool lost_told = false;  ///< The error was handed out; from then on reading gives 0.
  bool edge = false;       ///< Something changed that the caller has not looked at.
  CloseReason how = CloseReason::eof;
};

class World {
 public:
  void happens(std::uint8_t byte) {
    const Side side = static_cast<Side>((byte >> 3) & 1);
    const unsigned amount = byte >> 4;
    Leg& leg = legs_[index(side)];
    switch (byte & 7) {
      case 0:
        return sends(side, amount + 1);
      case 1:
        return ends(side);
      case 2:
        return loses(side, amount % 2 == 0 ? CloseReason::eof : dead(side));
      case 3:
        leg.edge = leg.edge || leg.queued > 0;
        leg.queued -= std::min(leg.queued, amount + 1);
        return;
      case 4:
        return looks(side, amount == 15 ? kWholeTurn : amount + 1);
      case 5:
        return deferred_ ? read_both() : void();
      case 6:
        return watches_delivery();
      case 7:
        return decides(side, amount);
    }
  }

  /// Both peers willing: everything must arrive, and when both have ended the session must be over.
  void comes_to_rest() {
    if (state_.phase == Phase::connecting) tell(connected);
    settle();
    for (const Direction d : kBothDirections) {
      const bool matters = state_.phase == Phase::relaying && !legs_[index(source(d))].lost;
      require(!matters || (legs_[index(source(d))].unread == 0 && held_[index(d)] == 0),
              "what was sent arrives without anyone sending more");
    }
    for (const Side side : kBothSides) ends(side);
    settle();
    require(state_.phase == Phase::closed, "a session whose sides have ended closes");
  }

 private:
  bool is_up(Side side) const { return side == Side::downstream || state_.phase != Phase::connecting; }

  void sends(Side side, unsigned bytes) {
    Leg& leg = legs_[index(side)];
    if (leg.ended || leg.lost || !is_up(side)) return;
    leg.unread += bytes;
    leg.edge = true;
    pipes_.sends(from(side), bytes);
  }

  void ends(Side side) {
    Leg& leg = legs_[index(side)];
    if (leg.ended || leg.lost || !is_up(side)) return;
    leg.ended = leg.edge = true;
    pipes_.ends(from(side));
  }

  void loses(Side side, CloseReason how) {
    Leg& leg = legs_[index(side)];
    if (leg.lost || !is_up(side)) return;
    leg.lost = leg.edge = true;
    leg.how = how;
    leg.queued = 0;  // the kernel forgets what it can no longer send
  }

  /// The caller, told of an edge.
  void looks(Side side, unsigned budget) {
    Leg& leg = legs_[index(side)];
    if (!std::exchange(leg.edge, false) || state_.phase == Phase::closed) return;
    if (state_.phase == Phase::connecting) {
      if (leg.lost) tell(expire, Direction::to_upstream, CloseReason::client_reset);
      return;
    }
    flush(towards(side));
    read(from(side), budget);
    if (leg.lost && state_.phase == Phase::relaying) tell(output_failed, towards(side), leg.how);
  }

  void decides(Side side, unsigned amount) {
    constexpr std::array kReasons = {CloseReason::drain_deadline, CloseReason::removed,
                                     CloseReason::internal};
    const bool connecting = state_.phase == Phase::connecting;
    if (amount >= 13) return tell(expire, Direction::to_upstream, kReasons[amount - 13]);
    if (amount >= 10) {
      // Found out by the age of what is unacknowledged, while its last bytes may still be unread.
      if (state_.phase != Phase::relaying || legs_[index(side)].lost) return;
      loses(side, dead(side));
      return tell(output_failed, towards(side), dead(side));
    }
    if (!connecting) return;
    if (amount < 6) return tell(connected);
    Leg& upstream = legs_[index(Side::upstream)];
    upstream.unread = amount - 6;
    upstream.lost = upstream.lost_told = true;
    pipes_.sends(Direction::to_downstream, upstream.unread);
    tell(connected_lost);
  }

  void read_both() {
    deferred_ = false;
    for (const Direction direction : kBothDirections) read(direction, kWholeTurn);
  }

  void read(Direction direction, unsigned budget) {
    if (!state_.may_read(direction)) return;
    Leg& input = legs_[index(source(direction))];
    Leg& output = legs_[index(sink(direction))];
    if (input.unread == 0) return reads_nothing(direction, input);
    const unsigned bytes = std::min(input.unread, budget);
    input.unread -= bytes;
    if (output.lost) return tell(output_failed, direction, output.how);
    const unsigned taken = std::min(bytes, kSendQueueBytes - output.queued);
    delivers(direction, taken);
    held_[index(direction)] = bytes - taken;
    if (taken < bytes) return tell(held, direction);
    if (bytes == budget) return void(deferred_ = true);
    read(direction, budget - bytes);
  }

  void reads_nothing(Direction direction, Leg& input) {
    if (input.ended) return tell(input_end, direction);
    if (input.lost && !std::exchange(input.lost_told, true)) return tell(input_failed, direction, input.how);
    // A lost side sends nothing more: dry is all there was.
    if (state_.phase == Phase::aborting) tell(input_end, direction);
  }

  void flush(Direction direction) {
    unsigned& bytes = held_[index(direction)];
    if (bytes == 0) return;
    Leg& output = legs_[index(sink(direction))];
    if (output.lost) return tell(output_failed, direction, output.how);
    const unsigned taken = std::min(bytes, kSendQueueBytes - output.queued);
    bytes -= taken;
    delivers(direction, taken);
    if (bytes > 0) return;
    tell(flushed, direction);
    read(direction, kWholeTurn);
  }

  void delivers(Direction direction, unsigned bytes) {
    legs_[index(sink(direction))].queued += bytes;
    pipes_.delivers(direction, bytes);
  }

  void watches_delivery() {
    if (!awaiting_ || state_.phase != Phase::aborting) return;
    if (legs_[index(opposite_side(state_.lost))].queued == 0) tell(delivered, from(state_.lost));
  }

  static Side opposite_side(Side side) { return sink(from(side)); }

  void tell(SessionEvent event, Direction direction = Direction::to_upstream,
            CloseReason reason = CloseReason::eof) {
    const SessionState before = state_;
    const SessionActions actions = step(state_, event, direction, reason);
    if (actions.drop_held) held_[index(towards(state_.lost))] = 0;
    pipes_.judge({.event = event,
                  .direction = direction,
                  .reason = reason,
                  .held = held_,
                  .queued = {legs_[0].queued, legs_[1].queued},
                  .gone = {legs_[0].lost, legs_[1].lost}},
                 before, state_, actions);
    if (actions.read) read_both();
    if (actions.await_delivery) {
      awaiting_ = true;
      watches_delivery();
    }
  }

  /// Peers take and acknowledge everything, and the caller looks only where an edge or its own word says so.
  void settle() {
    // Every round moves at least a queue's worth of what is there, and a few more end the session.
    const unsigned there = legs_[0].unread + legs_[1].unread + held_[0] + held_[1];
    const unsigned most = there / kSendQueueBytes + 8;
    for (unsigned round = 0; round < most && state_.phase != Phase::closed; ++round) {
      for (Leg& leg : legs_) {
        leg.edge = leg.edge || leg.queued > 0;
        leg.queued = 0;
      }
      for (const Side side : kBothSides) looks(side, kWholeTurn);
      if (deferred_) read_both();
      watches_delivery();
    }
  }

  SessionState state_;
  std::array<Leg, 2> legs_{};       ///< By Side.
  std::array<unsigned, 2> held_{};  ///< By Direction: read by the caller, not yet taken by the sink.
  bool deferred_ = false;
  bool awaiting_ = false;
  IdealPipes pipes_;
};

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  amb::World world;
  for (std::size_t i = 0; i < size; ++i) world.happens(data[i]);
  world.comes_to_rest();
  return 0;
}
