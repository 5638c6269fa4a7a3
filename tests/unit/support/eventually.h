// SPDX-License-Identifier: Apache-2.0
//
// Waiting for what another thread or the kernel will do: by asking, up to a deadline that only a broken
// program reaches.
#pragma once

#include <poll.h>

#include <chrono>

namespace amb::test {

inline constexpr std::chrono::seconds kDeadline{20};

/// True as soon as `condition` holds, false when it still does not after the deadline.
template <class Condition>
bool eventually(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + kDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    (void)::poll(nullptr, 0, 1);
  }
  return true;
}

/// Waits until one of `events` (POLLIN, POLLOUT, or an error) is there.
inline bool is_ready(int fd, short events) {
  pollfd one{.fd = fd, .events = events, .revents = 0};
  return ::poll(&one, 1, static_cast<int>(std::chrono::milliseconds(kDeadline).count())) == 1;
}

}  // namespace amb::test
