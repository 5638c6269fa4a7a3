// SPDX-License-Identifier: Apache-2.0
//
// Tries whether a link leads back to us: connects to one of its endpoints, sees whether a session comes in
// meanwhile, resets its own connection, and sees whether that session ends too. Three times in a row, with
// sessions held back so that nothing else moves, and no chance is left: A leads to B, and B leads to A
// (docs/decisions/0026). The endpoint sees what a check by health=tcp does.
#pragma once

#include "base/unique_fd.h"
#include "loop/event_loop.h"
#include "net/address.h"
#include "proxy/loop_watch.h"

namespace amb {

class LoopProbeOwner {
 public:
  virtual void on_loop_tried(bool is_loop) = 0;

 protected:
  ~LoopProbeOwner() = default;
};

class LoopProbe final : private EventSource, private Timer {
 public:
  LoopProbe(EventLoop& loop, LoopProbeOwner& owner) : loop_(loop), owner_(owner) {}
  ~LoopProbe() { stop(); }

  /// False when somebody is trying already.
  [[nodiscard]] bool begin(LoopWatch& watch, LinkId link, const SocketAddress& endpoint);
  void stop();  ///< Without a result.

  static constexpr Milliseconds kLook = 5;
  static constexpr Milliseconds kQuiet = 20;         ///< Until what is on its way has come to rest.
  static constexpr Milliseconds kMostConnect = 500;  ///< For one connect.
  static constexpr Milliseconds kPatience =
      100;  ///< For what follows it; ten times the connect on long ways.
  static constexpr int kRounds = 3;

 private:
  enum class Step : std::uint8_t { resting, connecting, arriving, ending };

  void on_events(std::uint32_t events) override;
  void on_timer() override;
  void look_again(Step step, Milliseconds until);
  void connect();
  void end_round();
  void tell(bool is_loop);

  EventLoop& loop_;
  LoopProbeOwner& owner_;
  LoopWatch* watch_ = nullptr;  ///< While it tries.
  SocketAddress endpoint_;
  UniqueFd fd_;
  Step step_ = Step::resting;
  int rounds_ = 0;
  Milliseconds begun_ = 0;
  Milliseconds until_ = 0;  ///< Of this step.
  Milliseconds patience_ = kPatience;
};

}  // namespace amb
