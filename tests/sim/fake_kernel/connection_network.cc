// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>

#include "sim/fake_kernel/connection.h"
#include "sim/fake_kernel/kernel.h"

namespace amb::sim {

void Connection::establish() {
  kernel_.trace("%u is connected", label_);
  state_ = State::established;
  established_at_ = out.last_acknowledged = kernel_.now();
  wake();
}

void Connection::lose(int error) {
  kernel_.trace("%u is lost: errno %d", label_, error);
  error_ = error;
  timed_out_ = state_ == State::established && !reset_arrived_;
  state_ = State::lost;
  wake(EPOLLERR);
  wake();
}

std::uint64_t Connection::arriving() const {
  if (state_ != State::established) return 0;
  return std::min(in.written, in.read + in.buffer) - in.arrived;
}

void Connection::arrive(std::uint64_t bytes) {
  kernel_.trace("%u gets %zu bytes", label_, static_cast<std::size_t>(bytes));
  if (closed_) {  // nobody is there to read them
    out.reset_sent = true;
    return drop_undelivered();
  }
  in.arrived += bytes;
  wake(EPOLLIN | EPOLLPRI);
}

bool Connection::can_fin_arrive() const {
  return state_ == State::established && in.fin_written && !in.fin_arrived && in.arrived == in.written;
}

void Connection::arrive_fin() {
  kernel_.trace("%u gets an end", label_);
  kernel_.saw(Seen::end_arrived);
  if (is_ready() && unread() > 0) kernel_.saw(Seen::end_with_last_bytes);
  in.fin_arrived = true;
  wake();
}

void Connection::arrive_reset() {
  kernel_.trace("%u gets a reset", label_);
  kernel_.saw(Seen::reset_arrived);
  if (unread() > 0) kernel_.saw(Seen::reset_with_unread_bytes);
  if (in.fin_arrived) kernel_.saw(Seen::reset_after_end);
  reset_arrived_ = true;
  was_reset_unnoticed_ = told_connected_at_ == 0;
  lose(in.fin_arrived && !out.fin_written ? EPIPE : ECONNRESET);
}

std::uint64_t Connection::deliverable() const {
  if (state_ != State::established || out.reset_sent || has_vanished()) return 0;
  const std::uint64_t window_end = out.read + out.peer_buffer;
  return std::min(out.written, window_end) - std::min(out.delivered, window_end);
}

void Connection::deliver(std::uint64_t bytes) {
  kernel_.trace("%zu bytes of %u reach its peer", static_cast<std::size_t>(bytes), label_);
  out.delivered += bytes;
  if (!peer_closed_ || bytes == 0) return;
  kernel_.saw(Seen::bytes_to_a_closed_peer);
  in.reset_sent = true;
  cut_flight();
}

bool Connection::can_acknowledge() const {
  if (state_ != State::established || out.reset_sent || has_vanished()) return false;
  const bool fin_waits = out.fin_written && !out.fin_acknowledged && out.delivered == out.written;
  return out.acknowledged < out.delivered || fin_waits;
}

void Connection::acknowledge() {
  kernel_.trace("%u is acknowledged", label_);
  out.acknowledged = out.delivered;
  out.last_acknowledged = kernel_.now();
  if (out.fin_written && out.delivered == out.written && !out.fin_acknowledged) {
    out.fin_delivered = out.fin_acknowledged = true;
    wake();
  }
  if (!no_space_ || !is_writeable()) return;
  no_space_ = false;
  wake(EPOLLOUT);
}

/// The peer's host or the way to it is gone without a word.
void Connection::vanish() {
  kernel_.trace("the peer of %u vanishes", label_);
  kernel_.saw(Seen::peer_vanished);
  vanished_at_ = kernel_.now();
  in.written = in.arrived;
  in.fin_written = in.fin_arrived;
}

}  // namespace amb::sim
