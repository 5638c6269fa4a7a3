// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/thread.h"

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

bool is_stop(int signal) { return signal == SIGTERM || signal == SIGINT; }

/// Blocked, they wait for whoever reads the descriptor, in a container's first process too.
UniqueFd block_and_receive() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD}) sigaddset(&set, signal);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  UniqueFd fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.is_open()) throw std::system_error(errno, std::generic_category(), "cannot receive signals");
  return fd;
}

UniqueFd open_event() {
  UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd.is_open()) throw std::system_error(errno, std::generic_category(), "cannot receive signals");
  return fd;
}

}  // namespace

Signals::Signals(boost::asio::io_context& io, std::function<void()> on_stuck, Patience patience)
    : io_(io),
      work_(io.get_executor()),
      on_stuck_(std::move(on_stuck)),
      patience_(patience),
      signals_(block_and_receive()),
      end_(open_event()) {
  (void)::signal(SIGPIPE, SIG_IGN);
  thread_ = start_thread([this] { receive(); });
}

Signals::~Signals() {
  (void)::eventfd_write(end_.borrow(), 1);
  thread_.join();
}

void Signals::start(OnSignal on_stop, OnSignal on_other) {
  on_stop_ = std::move(on_stop);
  on_other_ = std::move(on_other);
  reap_children();  // a container's first process may inherit some before it looks
}

/// -1 while nothing is waited for.
int Signals::milliseconds_left() const {
  if (!deadline_) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

void Signals::receive() {
  std::array<pollfd, 2> both = {{{.fd = signals_.borrow(), .events = POLLIN, .revents = 0},
                                 {.fd = end_.borrow(), .events = POLLIN, .revents = 0}}};
  for (;;) {
    const int ready = ::poll(both.data(), both.size(), milliseconds_left());
    if (both[1].revents != 0) return;
    if (stops_ == 0) deadline_.reset();
    if (ready == 0 && deadline_) {
      on_stuck_();
      deadline_.reset();
    }
    signalfd_siginfo info{};
    while (::read(signals_.borrow(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
      take(static_cast<int>(info.ssi_signo));
  }
}

void Signals::take(int signal) {
  if (is_stop(signal)) {
    const bool is_again = stops_.fetch_add(1) != 0;
    const auto until = Clock::now() + (is_again ? patience_.again : patience_.first);
    deadline_ = is_again && deadline_ ? std::min(*deadline_, until) : until;
  }
  boost::asio::post(io_, [this, signal] { handle(signal); });
}

void Signals::handle(int signal) {
  if (signal == SIGCHLD) return reap_children();
  if (!is_stop(signal)) return on_other_(name_of(signal));
  --stops_;
  on_stop_(name_of(signal));
}

/// One SIGCHLD may stand for several children.
void Signals::reap_children() {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

}  // namespace amb
