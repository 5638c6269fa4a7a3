// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace amb {

namespace {

constexpr std::size_t kFewestColumns = 40;

bool is_output_lost = false;
bool is_following = false;  // a reader that goes then only ends the command

}  // namespace

Screen screen() {
  Screen found;
  found.is_terminal = ::isatty(STDOUT_FILENO) == 1;
  found.colour = found.is_terminal && std::getenv("NO_COLOR") == nullptr;
  winsize size{};
  if (!found.is_terminal || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return found;
  found.columns = std::max<std::size_t>(size.ws_col, kFewestColumns);
  if (size.ws_row > 0) found.rows = size.ws_row;
  return found;
}

bool print(std::string_view text) {
  errno = 0;
  bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  is_written = is_written && std::fflush(stdout) == 0;
  if (!is_written && !(errno == EPIPE && is_following)) is_output_lost = true;
  return is_written;
}

bool has_lost_output() { return is_output_lost; }

void complain(std::string_view line) {
  const std::string text = "ambassador: " + std::string(line) + "\n";
  (void)std::fwrite(text.data(), 1, text.size(), stderr);
}

Keys::Keys(Size size) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  if (size == Size::heard) sigaddset(&set, SIGWINCH);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  both_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  epoll_event event{.events = EPOLLIN, .data = {.fd = signals_.borrow()}};
  (void)::epoll_ctl(both_.borrow(), EPOLL_CTL_ADD, signals_.borrow(), &event);
  // Of a pipe it tells when nobody can read it any more; a file refuses to be asked, and has no reader.
  event = {.events = 0, .data = {.fd = STDOUT_FILENO}};
  (void)::epoll_ctl(both_.borrow(), EPOLL_CTL_ADD, STDOUT_FILENO, &event);
  (void)::signal(SIGPIPE, SIG_IGN);
  is_following = true;
}

Keys::Heard Keys::wait(std::chrono::milliseconds time) {
  pollfd one{.fd = both_.borrow(), .events = POLLIN, .revents = 0};
  if (::poll(&one, 1, static_cast<int>(time.count())) <= 0) return Heard::nothing;
  signalfd_siginfo info{};
  const ssize_t count = ::read(signals_.borrow(), &info, sizeof info);
  if (count != static_cast<ssize_t>(sizeof info)) return Heard::stop;  // the reader has gone
  return info.ssi_signo == SIGWINCH ? Heard::resized : Heard::stop;
}

}  // namespace amb
