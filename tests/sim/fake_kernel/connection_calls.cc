// SPDX-License-Identifier: Apache-2.0
#include <linux/tcp.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sim/fake_kernel/connection.h"
#include "sim/fake_kernel/kernel.h"

namespace amb::sim {

namespace {

constexpr std::uint64_t kMuchInOneTurn = 3 * 1024 * 1024;  // more than a direction is meant to move at once

}  // namespace

std::uint32_t Connection::poll() {
  std::uint32_t mask = error_ != 0 ? EPOLLERR : 0U;
  if (state_ == State::fresh) return mask | EPOLLOUT | EPOLLHUP;
  if (state_ == State::connecting) return mask;
  const bool receive_shut = in.fin_arrived || is_lost();
  const bool send_shut = out.fin_written || is_lost();
  if (receive_shut && send_shut) mask |= EPOLLHUP;
  if (receive_shut) mask |= EPOLLIN | EPOLLRDHUP;
  if (unread() > 0) mask |= EPOLLIN;
  if (is_urgent_here()) mask |= EPOLLPRI;
  if (send_shut || is_writeable()) {
    mask |= EPOLLOUT;
  } else {
    no_space_ = true;
  }
  return mask;
}

void Connection::on_told(std::uint32_t bits) {
  if (told_connected_at_ == 0 && is_established()) told_connected_at_ = kernel_.now();
  if ((bits & EPOLLERR) != 0) told_lost();
}

void Connection::told_lost() {
  if (told_lost_at_ == 0) told_lost_at_ = kernel_.now();
}

int Connection::pending_failure() {
  if (error_ == 0) return 0;
  told_lost();
  const int error = error_;
  error_ = 0;
  return error;
}

std::uint64_t Connection::readable() const {
  if (!is_urgent_here()) return unread();
  const std::uint64_t before = in.urgent_end - 1 - in.read;
  return before == 0 ? unread() : before;
}

/// Bookkeeping of a read or a splice that took `bytes`.
void Connection::was_read(std::uint64_t bytes) {
  in.read += bytes;
  if (in.urgent_end != 0 && in.read >= in.urgent_end) in.urgent_end = 0;
  if (std::exchange(turn_, kernel_.turn()) != kernel_.turn()) read_in_turn_ = 0;
  const std::uint64_t before = std::exchange(read_in_turn_, read_in_turn_ + bytes);
  if (before < kMuchInOneTurn && read_in_turn_ >= kMuchInOneTurn) kernel_.saw(Seen::megabytes_in_one_turn);
  kernel_.progressed();
}

ssize_t Connection::receive(std::span<std::byte> into) {
  if (unread() > 0) {
    if (is_urgent_here() && in.urgent_end - 1 == in.read && !keeps_urgent_inline) {
      kernel_.fail("an urgent byte was lost, for it is not kept in line");
    }
    std::uint64_t count = std::min<std::uint64_t>(readable(), into.size());
    if (count < unread() && count < into.size()) kernel_.saw(Seen::read_stopped_at_urgent_byte);
    // As if the rest had come just after this call had looked: it says so by an edge. Not after an end or a
    // reset that may have been seen already, for nothing comes after those.
    const bool may_grow = !is_lost() && !in.fin_arrived;
    if (count > 1 && may_grow && kernel_.strikes(kernel_.faults.short_read)) {
      count = kernel_.random.between(1, count - 1);
      kernel_.saw(Seen::short_read);
      wake(EPOLLIN);
    }
    in.bytes.copy(in.read, into.first(count));
    was_read(count);
    if (spliced_) kernel_.saw(Seen::splicing_left);
    spliced_ = false;
    kernel_.trace("  recv(%u) of %zu: %zu", label_, into.size(), static_cast<std::size_t>(count));
    return static_cast<ssize_t>(count);
  }
  if (in.fin_arrived) {
    if (!in.fin_read) in.fin_read_at = kernel_.now();
    in.fin_read = true;
    kernel_.trace("  recv(%u): end", label_);
    return 0;
  }
  if (const int error = pending_failure(); error != 0) {
    kernel_.trace("  recv(%u): errno %d", label_, error);
    return -error;
  }
  kernel_.trace("  recv(%u): %s", label_, is_lost() ? "0, for it was reset" : "nothing");
  return is_lost() ? 0 : -EAGAIN;
}

std::uint64_t Connection::send_room() const {
  const std::uint64_t queued = out.written - out.acknowledged;
  return queued >= out.send_buffer ? 0 : out.send_buffer - queued;
}

bool Connection::is_writeable() const {
  const std::uint64_t queued = out.written - out.acknowledged;
  return send_room() > 0 && send_room() >= queued / 2;
}

/// Bookkeeping of a send that took `bytes` of the `wanted`.
void Connection::took(std::uint64_t bytes, std::uint64_t wanted) {
  out.written += bytes;
  out.last_write = kernel_.now();
  if (bytes < wanted) no_space_ = true;
  kernel_.progressed();
}

ssize_t Connection::send(std::span<const std::byte> bytes) {
  if (state_ == State::connecting) return -EAGAIN;
  if (const int error = pending_failure(); error != 0) return -error;
  if (out.fin_written || is_lost()) return -EPIPE;
  std::uint64_t count = std::min<std::uint64_t>(send_room(), bytes.size());
  if (count > 0 && kernel_.strikes(kernel_.faults.no_memory)) {
    kernel_.saw(Seen::no_memory_to_send);  // the edge comes as soon as there is memory again
    wake(EPOLLOUT);
    return -EAGAIN;
  }
  if (count > 1 && kernel_.strikes(kernel_.faults.short_write)) {
    count = kernel_.random.between(1, count - 1);
    kernel_.saw(Seen::short_write);
    wake(EPOLLOUT);
  }
  kernel_.trace("  send(%u) of %zu: %zu", label_, bytes.size(), static_cast<std::size_t>(count));
  if (count == 0) {
    no_space_ = true;
    kernel_.saw(Seen::send_refused_by_full_buffer);
    return -EAGAIN;
  }
  if (!out.bytes.matches(out.written, bytes.first(count))) kernel_.fail("wrong bytes were sent");
  if (count < bytes.size()) kernel_.saw(Seen::bytes_held_in_memory);
  took(count, bytes.size());
  return static_cast<ssize_t>(count);
}

ssize_t Connection::splice_into(PipeBuffer& pipe, std::size_t most) {
  if (splice_error != 0) {
    kernel_.saw(splice_error == EINVAL ? Seen::splice_refused_by_socket : Seen::splice_refused_by_kernel);
    return -splice_error;
  }
  if (unread() == 0) return receive({});
  if (is_urgent_here() && in.urgent_end - 1 == in.read) {
    kernel_.saw(Seen::splice_stopped_at_urgent_byte);
    return in.fin_arrived ? 0 : -EAGAIN;  // as if nothing were there, or the end
  }
  if (pipe.room() == 0) {
    kernel_.saw(Seen::pipe_out_of_slots);
    return -EAGAIN;
  }
  auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>({readable(), pipe.room(), most}));
  if (count < unread() && count < most) kernel_.saw(Seen::pipe_out_of_slots);
  if (count > 1 && kernel_.strikes(kernel_.faults.short_read)) {
    count = static_cast<std::uint32_t>(kernel_.random.between(1, count - 1));
  }
  pipe.push({.bytes = in.bytes, .position = in.read, .size = count});
  was_read(count);
  if (!spliced_) kernel_.saw(Seen::splicing_entered);
  spliced_ = true;
  kernel_.trace("  splice from %u: %u", label_, count);
  return count;
}

ssize_t Connection::splice_from(PipeBuffer& pipe, std::size_t most) {
  if (splice_out_error != 0) {
    kernel_.saw(Seen::splice_refused_by_sink);
    return -splice_out_error;
  }
  if (const int error = pending_failure(); error != 0) return -error;
  if (out.fin_written || is_lost()) return -EPIPE;
  std::uint64_t room = std::min<std::uint64_t>(send_room(), most);
  if (room > 1 && kernel_.strikes(kernel_.faults.short_write)) room = kernel_.random.between(1, room - 1);
  std::uint64_t count = 0;
  while (count < room && pipe.held() > 0) {
    const PipeBuffer::Extent& next = pipe.front();
    if (next.bytes != out.bytes || next.position != out.written + count)
      kernel_.fail("wrong bytes were spliced");
    const auto step = static_cast<std::uint32_t>(std::min<std::uint64_t>(room - count, next.size));
    pipe.pop(step);
    count += step;
  }
  kernel_.trace("  splice to %u: %zu, %u stay in the pipe", label_, static_cast<std::size_t>(count),
                pipe.held());
  if (count == 0) {
    no_space_ = true;
    kernel_.saw(Seen::pipe_kept_bytes);
    return -EAGAIN;
  }
  took(count, most);
  return static_cast<ssize_t>(count);
}

int Connection::shutdown_write() {
  kernel_.trace("  shutdown(%u)%s", label_, is_lost() ? ": it was lost" : "");
  if (is_lost()) told_lost();
  if (state_ != State::established) return ENOTCONN;
  if (!out.fin_written) kernel_.witness->on_fin(*this);
  out.fin_written = true;
  kernel_.progressed();
  wake();  // shutdown(2) wakes all who wait for the socket
  return 0;
}

int Connection::take_error() { return pending_failure(); }

std::uint64_t Connection::unacknowledged() const {
  if (!is_established()) return 0;
  const std::uint64_t fin = out.fin_written && !out.fin_acknowledged ? 1 : 0;
  return out.written - out.acknowledged + fin;
}

void Connection::describe(tcp_info& info) {
  described_at_ = kernel_.now();
  if (state_ != State::established) return;
  const std::uint64_t window_end = out.read + out.peer_buffer;
  const bool in_flight = std::min(out.written, window_end) > out.acknowledged ||
                         (out.fin_written && !out.fin_acknowledged && out.acknowledged == out.written);
  info.tcpi_unacked = in_flight ? 1 : 0;
  info.tcpi_notsent_bytes = static_cast<unsigned>(out.written - std::min(out.written, window_end));
  const bool probes = !in_flight && unacknowledged() > 0;
  if (probes) info.tcpi_probes = has_vanished() && kernel_.now() > vanished_at_ + 2000 ? 5 : 1;
  info.tcpi_last_ack_recv =
      static_cast<unsigned>(kernel_.now() - std::max(out.last_acknowledged, established_at_));
}

void Connection::on_close() {
  closed_ = true;
  kernel_.trace("  close(%u)%s%s", label_, resets_on_close ? " by reset" : "",
                unread() > 0 ? " with unread bytes" : "");
  if (state_ != State::established) return drop_undelivered();
  if (resets_on_close || unread() > 0) return reset_by_us();
  if (!out.fin_written) kernel_.witness->on_fin(*this);
  out.fin_written = true;
}

/// Linux sends no reset once both ends were exchanged and everything has left, tcp_disconnect().
void Connection::reset_by_us() {
  const bool was_ended = out.fin_written && in.fin_arrived && out.delivered == out.written;
  if (!was_ended) out.reset_sent = true;
  drop_undelivered();
}

void Connection::drop_undelivered() {
  if (is_over()) return;
  state_ = State::lost;
  in.written = in.arrived;
}

}  // namespace amb::sim
