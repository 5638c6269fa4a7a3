// SPDX-License-Identifier: Apache-2.0
#include "fuzz/ideal_pipes.h"

#include "fuzz/require.h"

namespace amb::test {

void IdealPipes::delivers(Direction direction, unsigned bytes) {
  Pipe& pipe = pipes_[index(direction)];
  require(life_ != Life::connecting && life_ != Life::closed, "bytes pass only through an open session");
  require(bytes <= pipe.on_the_way, "nothing arrives that was not sent");
  require(bytes == 0 || !pipe.fin_out, "nothing arrives after the end");
  pipe.on_the_way -= bytes;
}

void IdealPipes::judge(const Happened& now, const SessionState& before, const SessionState& after,
                       const SessionActions& actions) {
  if (life_ == Life::closed) {
    require(actions == SessionActions{}, "a closed session does nothing more");
    require(after == before, "closed is final");
    return;
  }
  const Life life_before = life_;
  learn(now);
  if (life_ == Life::aborting && life_before != Life::aborting)
    require(actions.drop_held, "what is held towards a lost side is dropped");
  judge_ends(now, actions);
  judge_close(now, after, actions);
  judge_reading(now, after);

  SessionState copy = after;
  const bool ends =
      step(copy, SessionEvent::expire, Direction::to_upstream, CloseReason::removed).close_reset;
  require(ends == (life_ != Life::closed), "the operator can end any session, once");
}

/// Takes in what the event says about the two peers.
void IdealPipes::learn(const Happened& now) {
  Pipe& pipe = pipes_[index(now.direction)];
  switch (now.event) {
    case SessionEvent::connected:
      if (life_ == Life::connecting) life_ = Life::relaying;
      return;
    case SessionEvent::connected_lost:
      return lose(Side::upstream, now.reason);
    case SessionEvent::input_end:
      pipe.end_told = true;
      return;
    case SessionEvent::input_failed:
      pipe.end_told = true;
      return lose(source(now.direction), now.reason);
    case SessionEvent::output_failed:
      return lose(sink(now.direction), now.reason);
    case SessionEvent::expire:
      expired_ = true;
      if (reason_ == CloseReason::eof) reason_ = now.reason;
      return;
    case SessionEvent::held:
    case SessionEvent::flushed:
    case SessionEvent::delivered:
      return;
  }
}

void IdealPipes::lose(Side side, CloseReason reason) {
  if (life_ == Life::aborting) return;
  life_ = Life::aborting;
  lost_ = side;
  const bool is_client = side == Side::downstream;
  if (reason == CloseReason::eof)
    reason = is_client ? CloseReason::client_reset : CloseReason::upstream_reset;
  reason_ = reason;
}

/// An end goes out exactly when its source has ended and the pipe is empty, and never once anything failed.
void IdealPipes::judge_ends(const Happened& now, const SessionActions& actions) {
  for (const Direction direction : kBothDirections) {
    Pipe& pipe = pipes_[index(direction)];
    const bool sent =
        direction == Direction::to_upstream ? actions.fin_to_upstream : actions.fin_to_downstream;
    if (sent) {
      require(pipe.source_ended, "no end is made up");
      require(pipe.on_the_way == 0, "no end overtakes its bytes");
      require(!pipe.fin_out, "no end is passed on twice");
      require(life_ == Life::relaying && !expired_, "a failure never looks like an end");
    }
    const bool due = life_ == Life::relaying && !expired_ && pipe.end_told && now.held[index(direction)] == 0;
    pipe.fin_out = pipe.fin_out || sent;
    require(!due || pipe.fin_out, "an end is passed on as soon as its bytes are gone");
  }
}

void IdealPipes::judge_close(const Happened& now, const SessionState& after, const SessionActions& actions) {
  require(!(actions.close_clean && actions.close_reset), "a session closes in one way");
  const bool both_out = pipes_[0].fin_out && pipes_[1].fin_out;
  require(actions.close_clean == (life_ == Life::relaying && both_out),
          "a session closes cleanly when both ends are out, and only then");
  if (actions.close_reset) {
    require(life_ == Life::aborting || expired_, "only a loss or the operator resets");
    const Direction last_words = from(lost_);
    const Side survivor = sink(last_words);
    if (life_ == Life::aborting && !expired_ && !now.gone[index(survivor)]) {
      require(pipes_[index(last_words)].on_the_way == 0, "what a lost side had sent is delivered first");
      require(now.queued[index(survivor)] == 0, "a reset waits until the last byte is acknowledged");
    }
  }
  const bool closes = actions.close_clean || actions.close_reset;
  require(closes == (after.phase == Phase::closed), "the phase says whether it is closed");
  require(!expired_ || actions.close_reset, "what expires is reset at once");
  require(!closes || after.reason == reason_, "a session has one reason, the first", to_string(after.reason));
  if (closes) life_ = Life::closed;
}

/// Reading is allowed exactly while it leads somewhere: that is all the back-pressure there is.
void IdealPipes::judge_reading(const Happened& now, const SessionState& after) const {
  for (const Direction direction : kBothDirections) {
    const Pipe& pipe = pipes_[index(direction)];
    const bool leads_somewhere =
        life_ == Life::relaying || (life_ == Life::aborting && source(direction) == lost_);
    const bool may = leads_somewhere && !pipe.end_told && now.held[index(direction)] == 0;
    require(after.may_read(direction) == may,
            may ? "a side that has not ended is read when nothing is held"
                : "nothing is read that is held up, has ended, or leads nowhere");
  }
  const bool half = life_ == Life::relaying && (pipes_[0].end_told || pipes_[1].end_told);
  require(after.is_half_closed() == half, "half-closed is when one side has ended and nothing failed");
}

}  // namespace amb::test
