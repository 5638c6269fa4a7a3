// SPDX-License-Identifier: Apache-2.0
//
// The end of the program's life: who asked for it, and how far it has come.
//
//   TERM, INT ──linger──▶ no new sessions ──the last has ended──▶ io stops
//                              └──drain's time is up, or a second signal──▶ the rest is reset, io stops
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <string_view>

#include "app/journal.h"
#include "app/supervisor.h"

namespace amb {

class Shutdown {
 public:
  struct Parts {
    boost::asio::io_context& io;
    Supervisor& supervisor;
    Journal& journal;
    std::chrono::milliseconds
        linger;  ///< Sessions are still accepted, though nobody is told that we are ready.
    std::chrono::milliseconds drain;  ///< After that.
  };

  explicit Shutdown(const Parts& parts) : parts_(parts), timer_(parts.io) {}

  void on_stop_signal(std::string_view signal);

  bool has_begun() const { return has_begun_; }
  std::size_t sessions_cut() const { return sessions_cut_; }

 private:
  void drain();
  void cut();

  Parts parts_;
  boost::asio::steady_timer timer_;
  bool has_begun_ = false;
  std::size_t sessions_cut_ = 0;
};

}  // namespace amb
