// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.h"

#include <poll.h>
#include <signal.h>
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
  const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && is_written;
}

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
  fd_ = UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  (void)::signal(SIGPIPE, SIG_IGN);  // a reader that has gone shows when printing fails
}

Keys::Heard Keys::wait(std::chrono::milliseconds time) {
  pollfd one{.fd = fd_.borrow(), .events = POLLIN, .revents = 0};
  if (::poll(&one, 1, static_cast<int>(time.count())) <= 0) return Heard::nothing;
  signalfd_siginfo info{};
  if (::read(fd_.borrow(), &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return Heard::nothing;
  return info.ssi_signo == SIGWINCH ? Heard::resized : Heard::stop;
}

}  // namespace amb
