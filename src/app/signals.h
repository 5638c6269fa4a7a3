// SPDX-License-Identifier: Apache-2.0
//
// Signals as events of the control thread, and the duties of PID 1: signals wait for us before anything
// listens, orphans are reaped, SIGPIPE is ignored. A thread of its own receives them, so that TERM works
// whatever the control thread is at: where that one does not take it up, `on_stuck` ends the program.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>

#include "base/unique_fd.h"

namespace amb {

class Signals {
 public:
  using OnSignal = std::function<void(std::string_view name)>;
  using Clock = std::chrono::steady_clock;

  /// How long the control thread has to take up TERM or INT, and how long once another one has come.
  struct Patience {
    std::chrono::milliseconds first{5000};
    std::chrono::milliseconds again{1000};
  };

  /// From here on no signal ends the process; those that come before start() wait. `on_stuck` is called on
  /// the signals' thread. Throws std::system_error where no thread or descriptor can be had.
  Signals(boost::asio::io_context& io, std::function<void()> on_stuck, Patience patience);
  Signals(boost::asio::io_context& io, std::function<void()> on_stuck)
      : Signals(io, std::move(on_stuck), Patience{}) {}
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  /// `on_stop` hears of TERM and INT, `on_other` of HUP, USR1 and USR2.
  void start(OnSignal on_stop, OnSignal on_other);

 private:
  void receive();  ///< On the signals' thread, as the next two.
  void take(int signal);
  int milliseconds_left() const;
  void handle(int signal);  ///< On the control thread.
  static void reap_children();

  boost::asio::io_context& io_;
  /// There may always be another signal.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::function<void()> on_stuck_;
  Patience patience_;
  OnSignal on_stop_;
  OnSignal on_other_;
  std::atomic<unsigned> stops_{0};  ///< That the control thread has not taken up yet.
  std::optional<Clock::time_point> deadline_;
  UniqueFd signals_;
  UniqueFd end_;
  std::thread thread_;
};

}  // namespace amb
