// SPDX-License-Identifier: Apache-2.0
#include "sim/fake_kernel/coverage.h"

#include <cinttypes>
#include <cstdio>
#include <string_view>

namespace amb::sim {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Seen::count)> kNames{
    "interrupted call",
    "short read",
    "short write",
    "no memory to send",
    "spurious wake-up",
    "something between two calls",
    "stopped process",
    "accept failed",
    "accept aborted",
    "send refused by a full buffer",
    "end arrived",
    "end with the last bytes",
    "reset arrived",
    "reset with unread bytes",
    "reset after an end",
    "read stopped at an urgent byte",
    "splice stopped at an urgent byte",
    "peer timed out",
    "peer vanished",
    "bytes to a closed peer",
    "splicing entered",
    "splicing left",
    "pipe kept bytes",
    "pipe destroyed with bytes",
    "pipe out of slots",
    "pipe of the usual size",
    "pipe too small",
    "pipe unavailable",
    "splice refused by the socket",
    "splice refused by the kernel",
    "splice refused by the sink",
    "megabytes in one turn",
    "bytes held in memory",
    "bytes after a half-close",
    "connect refused",
    "connect slow",
    "connect failed at once",
    "connect interrupted",
    "connected at once",
    "connected to itself",
    "connected and reset unnoticed",
    "failed over",
    "raced",
    "first of a race won",
    "second of a race won",
    "endpoint ejected",
    "endpoint back",
    "resolver asked",
    "no socket",
    "no epoll watch",
    "session limit",
    "reset waited for delivery",
    "delivery given up",
    "cut while connecting",
    "cut while relaying",
    "cut while aborting",
    "rewired",
    "rewired while connecting",
    "cut elsewhere",
    "drained",
    "several sessions",
    "both sides lost",
    "ended: eof",
    "ended: client_reset",
    "ended: upstream_reset",
    "ended: client_dead",
    "ended: upstream_dead",
    "ended: idle_timeout",
    "ended: halfclose_timeout",
    "ended: connect_refused",
    "ended: connect_timeout",
    "ended: no_upstream",
    "ended: limit",
    "ended: endpoint_down",
    "ended: drain_deadline",
    "ended: removed",
};
static_assert(!kNames.back().empty());

}  // namespace

int Coverage::print() const {
  int never = 0;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    std::printf("  %-30s %12" PRIu64 "%s\n", kNames[i].data(), times_[i], times_[i] == 0 ? "  NEVER" : "");
    if (times_[i] == 0) ++never;
  }
  return never;
}

}  // namespace amb::sim
