// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <signal.h>
#include <sys/wait.h>

#include <utility>

namespace amb {

namespace {

std::string_view name_of(int signal) {
  switch (signal) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGHUP:
      return "SIGHUP";
    case SIGUSR1:
      return "SIGUSR1";
    case SIGUSR2:
      return "SIGUSR2";
    default:
      return "another signal";
  }
}

}  // namespace

Signals::Signals(boost::asio::io_context& io) : signals_(io) {
  (void)::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) signals_.add(signal);
}

void Signals::start(OnSignal on_stop, OnSignal on_other) {
  on_stop_ = std::move(on_stop);
  on_other_ = std::move(on_other);
  reap_children();  // a container's first process may inherit some before it looks
  wait();
}

void Signals::wait() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    if (signal == SIGCHLD) {
      reap_children();
    } else if (signal == SIGTERM || signal == SIGINT) {
      on_stop_(name_of(signal));
    } else {
      on_other_(name_of(signal));
    }
    wait();
  });
}

/// One SIGCHLD may stand for several children.
void Signals::reap_children() {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

}  // namespace amb
