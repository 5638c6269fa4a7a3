// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "net/socket.h"

namespace amb {

namespace {

constexpr std::uint8_t kFullReadsBeforeSplicing = 3;
constexpr std::size_t kLargestWaitingBytes =
    16 * 1024;  // beyond this the bytes are worth more than the wake-up

}  // namespace

RelayOutcome Relay::advance(const RelayPorts& ports) {
  AMB_CHECK(!holds_bytes() && !is_waiting());
  return is_splicing_ ? splice(ports) : copy(ports);
}

RelayOutcome Relay::flush(int sink, HeldBufferPool& buffers) {
  if (held_) return flush_held(sink);
  return pipe_ ? empty_pipe(sink, buffers) : RelayOutcome::dry;
}

void Relay::drop_held() {
  held_.reset();
  pipe_.reset();
  waiting_bytes_ = 0;
}

RelayOutcome Relay::copy(const RelayPorts& ports) {
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    const std::uint32_t most = ports.buffers.is_crowded() ? kSmallestChunkBytes : chunk_bytes_;
    const auto into = ports.received.free_part().first(most);
    const IoResult received = try_receive(ports.source, into);
    switch (received.status) {
      case IoStatus::done:
        break;
      case IoStatus::would_block:
        return RelayOutcome::dry;
      case IoStatus::end:
        return RelayOutcome::input_end;
      case IoStatus::failed:
        error_ = received.error;
        return RelayOutcome::input_failed;
    }
    if (ports.glimpse != nullptr && !ports.glimpse->is_over())
      ports.glimpse->see(ports.direction, into.first(received.count));
    const bool is_full = received.count == into.size();
    in_a_row_ = is_full ? std::min<std::uint8_t>(in_a_row_ + 1, kFullReadsBeforeSplicing) : 0;
    const bool is_dry = !is_full && !ports.read_until_dry;
    if (is_dry && ports.may_wait && received.count <= kLargestWaitingBytes &&
        ports.received.keep(received.count)) {
      waiting_ = into.data();
      waiting_bytes_ = static_cast<std::uint32_t>(received.count);
      return RelayOutcome::waiting;
    }
    const auto outcome = pass_on(ports.sink, ports.buffers, into.first(received.count));
    if (outcome != RelayOutcome::dry) return outcome;
    if (is_full) chunk_bytes_ = std::min(chunk_bytes_ * 2, kLargestChunkBytes);
    if (in_a_row_ == kFullReadsBeforeSplicing && ports.pipes != nullptr && !is_splice_refused_) {
      in_a_row_ = 0;
      is_splicing_ = true;
      return splice(ports);
    }
    // A short read emptied the socket, and whatever comes later raises a new edge: no second call to learn
    // that. Not so when the end may already be there, for its edge has been spent, and not at an urgent byte,
    // where the kernel stops every read short.
    if (is_dry) return RelayOutcome::dry;
  }
  return RelayOutcome::spent;
}

RelayOutcome Relay::send_waiting(int sink, HeldBufferPool& buffers) {
  return pass_on(sink, buffers, {waiting_, std::exchange(waiting_bytes_, 0)});
}

RelayOutcome Relay::pass_on(int sink, HeldBufferPool& buffers, std::span<const std::byte> bytes) {
  if (hurries_later_ && moved_bytes_ > 0) {
    send_at_once(sink);
    hurries_later_ = false;
  }
  const IoResult sent = try_send(sink, bytes);
  if (sent.status == IoStatus::failed) {
    error_ = sent.error;
    return RelayOutcome::output_failed;
  }
  moved_bytes_ += sent.count;
  if (sent.count == bytes.size()) return RelayOutcome::dry;
  return hold(buffers, bytes.subspan(sent.count));
}

/// Without memory the bytes are lost, and with them the session.
RelayOutcome Relay::hold(HeldBufferPool& buffers, std::span<const std::byte> bytes) {
  held_ = buffers.borrow(bytes.size());
  if (held_ == nullptr) {
    error_ = ENOMEM;
    return RelayOutcome::output_failed;
  }
  std::ranges::copy(bytes, held_->storage());
  held_->end = static_cast<std::uint32_t>(bytes.size());
  chunk_bytes_ = std::max(chunk_bytes_ / 2, kSmallestChunkBytes);
  return RelayOutcome::held;
}

RelayOutcome Relay::flush_held(int sink) {
  const IoResult sent = try_send(sink, held_->bytes());
  if (sent.status == IoStatus::failed) {
    error_ = sent.error;
    return RelayOutcome::output_failed;
  }
  moved_bytes_ += sent.count;
  held_->begin += static_cast<std::uint32_t>(sent.count);
  if (held_->begin < held_->end) return RelayOutcome::held;
  held_.reset();
  return RelayOutcome::dry;
}

}  // namespace amb
