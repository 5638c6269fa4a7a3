// SPDX-License-Identifier: Apache-2.0
//
// Signals as events of the control thread, and the duties of PID 1: handlers in place before anything
// listens, orphans reaped, SIGPIPE ignored.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <string_view>

namespace amb {

class Signals {
 public:
  using OnSignal = std::function<void(std::string_view name)>;

  /// From here on no signal ends the process; those that come before start() wait.
  explicit Signals(boost::asio::io_context& io);

  /// `on_stop` hears of TERM and INT, `on_other` of HUP, USR1 and USR2.
  void start(OnSignal on_stop, OnSignal on_other);

 private:
  void wait();
  static void reap_children();

  boost::asio::signal_set signals_;
  OnSignal on_stop_;
  OnSignal on_other_;
};

}  // namespace amb
