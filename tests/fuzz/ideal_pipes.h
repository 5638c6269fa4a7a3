// SPDX-License-Identifier: Apache-2.0
//
// The oracle of session_state_fuzz.cc: two pipes as one would wish them, fed by what peers send and what
// arrives. It judges every step of the machine and knows nothing of how the machine works.
#pragma once

#include <array>

#include "proxy/session_state.h"

namespace amb::test {

/// One event with what the world is like right after the machine's answer. Arrays by Direction or Side.
struct Happened {
  SessionEvent event;
  Direction direction;
  CloseReason reason;
  std::array<unsigned, 2> held;    ///< By Direction.
  std::array<unsigned, 2> queued;  ///< By Side: not yet acknowledged by it.
  std::array<bool, 2> gone;        ///< By Side: nothing can be delivered to it any more.
};

class IdealPipes {
 public:
  void sends(Direction direction, unsigned bytes) { pipes_[index(direction)].on_the_way += bytes; }
  void ends(Direction direction) { pipes_[index(direction)].source_ended = true; }
  void delivers(Direction direction, unsigned bytes);

  /// Every rule of the session, after one step.
  void judge(const Happened& now, const SessionState& before, const SessionState& after,
             const SessionActions& actions);

 private:
  struct Pipe {
    unsigned on_the_way = 0;    ///< Sent by the source, not yet taken by the sink's kernel.
    bool source_ended = false;  ///< The peer has, whether or not anyone has noticed.
    bool end_told = false;      ///< The machine knows.
    bool fin_out = false;
  };
  enum class Life { connecting, relaying, aborting, closed };

  void learn(const Happened& now);
  void lose(Side side, CloseReason reason);
  void judge_ends(const Happened& now, const SessionActions& actions);
  void judge_close(const Happened& now, const SessionState& after, const SessionActions& actions);
  void judge_reading(const Happened& now, const SessionState& after) const;

  std::array<Pipe, 2> pipes_{};  ///< By Direction.
  Life life_ = Life::connecting;
  Side lost_ = Side::downstream;
  bool expired_ = false;
  CloseReason reason_ = CloseReason::eof;
};

}  // namespace amb::test
