// SPDX-License-Identifier: Apache-2.0
//
// The session's machine under any events in any order, even those that its caller never gives: each byte is
// one event. What must hold then is little, but it must hold always.
#include <array>

#include "fuzz/require.h"
#include "proxy/session_state.h"

namespace amb {
namespace {

using enum SessionEvent;
using test::require;

constexpr std::array kEvents = {connected,    connected_lost, held,      flushed, input_end,
                                input_failed, output_failed,  delivered, expire};

/// What a bystander knows who sees the events and the actions, but not the state.
class Bystander {
 public:
  void sees(SessionEvent event, Direction direction, const SessionActions& actions) {
    const std::size_t d = index(direction);
    if (closed_) return require(actions == SessionActions{}, "a closed session does nothing more");
    const bool was_connected = connected_;
    connected_ = connected_ || event == connected || event == connected_lost;
    if (was_connected) {  // before that there is no stream that anything could happen to
      if (event == held) holds_[d] = true;
      if (event == flushed) holds_[d] = false;
      if (event == input_end && !broken_) ended_[d] = true;
      if (event == input_failed) lose(source(direction));
      if (event == output_failed) lose(sink(direction));
    } else if (event == connected_lost) {
      lose(Side::upstream);
    }
    broken_ = broken_ || event == expire;
    if (actions.fin_to_upstream) check_fin(Direction::to_upstream);
    if (actions.fin_to_downstream) check_fin(Direction::to_downstream);
    if (actions.close_clean) require(fin_sent_[0] && fin_sent_[1], "a clean close has passed on both ends");
    if (actions.close_reset) require(broken_, "only a loss or the operator resets");
    require(!(actions.close_clean && actions.close_reset), "a session closes in one way");
    require(event != expire || actions.close_reset, "what expires is reset at once");
    closed_ = actions.close_clean || actions.close_reset;
    if (!closed_) check_progress(event, direction, actions);
  }

  bool closed() const { return closed_; }

 private:
  void lose(Side side) {
    if (!broken_) lost_ = side;
    broken_ = true;
  }

  /// What the caller waits for comes with the event that makes it due: no other event may ever follow.
  void check_progress(SessionEvent event, Direction direction, const SessionActions& actions) const {
    for (const Direction each : kBothDirections) {
      const bool due = !broken_ && ended_[index(each)] && !holds_[index(each)];
      require(!due || fin_sent_[index(each)], "an end is passed on as soon as its bytes are gone");
    }
    const bool goes_on = event == flushed && broken_ && direction == from(lost_);
    require(!goes_on || actions.read || actions.await_delivery, "after a flush the lost side's bytes go on");
  }

  void check_fin(Direction direction) {
    const std::size_t d = index(direction);
    require(ended_[d], "no end is made up");
    require(!holds_[d], "no end overtakes its bytes");
    require(!fin_sent_[d], "no end is passed on twice");
    require(!broken_, "no end follows a failure");
    fin_sent_[d] = true;
  }

  std::array<bool, 2> holds_{}, ended_{}, fin_sent_{};
  bool connected_ = false;
  bool broken_ = false;
  Side lost_ = Side::downstream;  ///< While broken: the side that was lost first.
  bool closed_ = false;
};

/// Both sides willing, nothing left to come: the session must close without a timer's help.
void require_a_way_out(SessionState state) {
  (void)step(state, connected);
  for (const Direction direction : kBothDirections) (void)step(state, flushed, direction);
  for (const Direction direction : kBothDirections) (void)step(state, input_end, direction);
  (void)step(state, delivered);
  require(state.phase == Phase::closed, "a session whose sides have ended closes");
}

void require_that_it_can_expire(SessionState state) {
  if (state.phase == Phase::closed) return;
  require(step(state, expire, Direction::to_upstream, CloseReason::removed).close_reset,
          "the operator can end any session");
  require(state.phase == Phase::closed, "what was reset is closed");
}

void run(const std::uint8_t* data, std::size_t size) {
  SessionState state;
  Bystander bystander;
  for (std::size_t i = 0; i < size; ++i) {
    const auto event = kEvents[(data[i] >> 1) % kEvents.size()];
    const auto direction = static_cast<Direction>(data[i] & 1);
    const auto reason = event == expire ? CloseReason::drain_deadline : CloseReason::eof;
    const SessionState before = state;
    const SessionActions actions = step(state, event, direction, reason);
    bystander.sees(event, direction, actions);
    require(bystander.closed() == (state.phase == Phase::closed), "the phase says that it is closed");
    require(before.phase != Phase::closed || state == before, "closed is final");
    require(before.reason == CloseReason::eof || state.reason == before.reason, "the first reason stays");
    for (const Direction each : kBothDirections) {
      require(!state.may_read(each) || !state.holds[index(each)], "nothing is read while bytes are held");
    }
    require_a_way_out(state);
    require_that_it_can_expire(state);
  }
}

}  // namespace
}  // namespace amb

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  amb::run(data, size);
  return 0;
}
