// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sim/fake_kernel/connection.h"
#include "sim/fake_kernel/kernel.h"

namespace amb::sim {

namespace {

constexpr std::uint64_t kPeerSendBuffer = 8 * 1024 * 1024;

}  // namespace

std::uint64_t Connection::peer_room() const {
  if (!is_established() || in.fin_written || is_peer_done()) return 0;
  return kPeerSendBuffer - std::min(kPeerSendBuffer, in.written - in.arrived);
}

void Connection::peer_write(std::uint64_t bytes) {
  kernel_.trace("the peer of %u writes %zu", label_, static_cast<std::size_t>(bytes));
  in.written += bytes;
}

void Connection::peer_write_urgent(std::uint64_t bytes) {
  peer_write(bytes);
  if (in.urgent_end != 0) return;
  kernel_.trace("  the last of these is urgent");
  in.urgent_end = in.written;
}

void Connection::peer_close() {
  kernel_.trace("the peer of %u closes", label_);
  peer_closed_ = true;
  if (peer_unread() > 0) {
    in.reset_sent = true;
    return cut_flight();
  }
  in.fin_written = true;
}

void Connection::peer_reset() {
  kernel_.trace("the peer of %u resets", label_);
  peer_closed_ = true;
  in.reset_sent = true;
  cut_flight();
}

/// What a reset overtakes is never sent again: some of it may have made it.
void Connection::cut_flight() {
  in.written = kernel_.random.between(in.arrived, in.written);
  in.fin_written = in.fin_arrived;
  if (in.urgent_end > in.written) in.urgent_end = 0;
}

}  // namespace amb::sim
