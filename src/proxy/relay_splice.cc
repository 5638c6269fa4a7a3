// SPDX-License-Identifier: Apache-2.0
//
// The splicing half of Relay. The pipe is always empty before the source is spliced into it, so that EAGAIN
// there never means a full pipe.
#include <unistd.h>

#include <cerrno>

#include "base/check.h"
#include "proxy/relay.h"

namespace amb {

namespace {

constexpr std::uint8_t kShortMovesBeforeCopying = 8;

}  // namespace

RelayOutcome Relay::splice(const RelayPorts& ports) {
  const std::uint64_t enough = moved_bytes_ + kBytesPerTurn;
  pipe_ = ports.pipes->borrow();
  while (pipe_ && is_splicing_) {
    const IoResult taken = splice_in(ports.source, *pipe_);
    if (taken.status == IoStatus::failed && is_splice_refused(taken.error)) {
      is_splice_refused_ = true;
      if (taken.error != EINVAL) ports.pipes->refuse();  // not these sockets but the kernel or its filter
      is_splicing_ = false;
      break;
    }
    // No splice passes an urgent byte: it says that there is nothing, or even that this is the end. Only recv
    // knows, so that it has the last word whenever there may be such a byte.
    if (taken.status == IoStatus::end || (taken.status == IoStatus::would_block && ports.read_until_dry)) {
      is_splice_refused_ = true;
      is_splicing_ = false;
      break;
    }
    if (taken.status != IoStatus::done) pipe_.reset();
    if (taken.status == IoStatus::would_block) return RelayOutcome::dry;
    if (taken.status == IoStatus::failed) {
      error_ = taken.error;
      return RelayOutcome::input_failed;
    }
    has_spliced_ = true;
    count_splice(taken.count);
    if (const auto outcome = empty_pipe(ports.sink, ports.buffers); outcome != RelayOutcome::dry)
      return outcome;
    if (moved_bytes_ >= enough) return RelayOutcome::spent;
    pipe_ = ports.pipes->borrow();
  }
  pipe_.reset();
  return copy(ports);  // no pipe to be had, or not worth one any more
}

/// Few bytes at a time cost less copied.
void Relay::count_splice(std::size_t bytes) {
  in_a_row_ = bytes < kSmallestChunkBytes ? static_cast<std::uint8_t>(in_a_row_ + 1) : std::uint8_t{0};
  if (in_a_row_ < kShortMovesBeforeCopying) return;
  in_a_row_ = 0;
  is_splicing_ = false;
}

/// Sends what the pipe holds; gives the pipe back once it is empty.
RelayOutcome Relay::empty_pipe(int sink, HeldBufferPool& buffers) {
  while (pipe_->held_bytes > 0) {
    const IoResult sent = splice_out(*pipe_, sink);
    switch (sent.status) {
      case IoStatus::done:
        moved_bytes_ += sent.count;
        break;
      case IoStatus::would_block:
      case IoStatus::end:
        return RelayOutcome::held;
      case IoStatus::failed:
        if (is_splice_refused(sent.error)) return rescue_pipe(sink, buffers);
        error_ = sent.error;
        return RelayOutcome::output_failed;
    }
  }
  pipe_.reset();
  return RelayOutcome::dry;
}

/// The sink takes no splice: what is in the pipe goes into a buffer, and by copying from there. At once, for
/// the sink was not full: no edge would tell when to begin.
RelayOutcome Relay::rescue_pipe(int sink, HeldBufferPool& buffers) {
  is_splicing_ = false;
  is_splice_refused_ = true;
  held_ = buffers.borrow(pipe_->held_bytes);
  if (held_ == nullptr) {
    pipe_.reset();
    error_ = ENOMEM;
    return RelayOutcome::output_failed;
  }
  while (held_->end < pipe_->held_bytes) {
    const ssize_t count =
        ::read(pipe_->read_end.borrow(), held_->storage() + held_->end, pipe_->held_bytes - held_->end);
    AMB_CHECK(count > 0 || errno == EINTR);  // the bytes are there: splice counted them in
    if (count > 0) held_->end += static_cast<std::uint32_t>(count);
  }
  pipe_->held_bytes = 0;
  pipe_.reset();
  return flush_held(sink);
}

}  // namespace amb
