// SPDX-License-Identifier: Apache-2.0
//
// The mover of one direction, in one of two ways:
//
//   copying   through the worker's one receive buffer straight into the sink. What the sink refuses is kept
//   in
//             a buffer that exists exactly as long as it holds something.
//   splicing  through a borrowed pipe, in the kernel, while the direction moves bulk. What the sink refuses
//             stays in the pipe.
//
//   copying ── 3 full reads in a row ──▶ splicing      few bytes cost less copied, many cost less spliced
//           ◀── 8 short moves in a row ──
//
// While bytes are held the source is not read: the peer's window closes and memory stays bounded. An idle
// direction holds neither buffer nor pipe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/glimpse.h"
#include "proxy/held_buffer.h"
#include "proxy/pipe_pool.h"
#include "proxy/receive_buffer.h"

namespace amb {

/// What a relay works with this turn.
struct RelayPorts {
  int source;
  int sink;
  bool read_until_dry;         ///< A short read may not be all there is: an end, or urgent data, is about.
  ReceiveBuffer& received;     ///< The worker's.
  HeldBufferPool& buffers;     ///< The worker's.
  PipePool* pipes = nullptr;   ///< The worker's; null copies always.
  Glimpse* glimpse = nullptr;  ///< Shown what is copied, until it has seen enough.
  Direction direction = Direction::to_upstream;  ///< For the glimpse.
  bool may_wait = false;  ///< Others are read this turn: a small message may wait for them.
};

enum class RelayOutcome : std::uint8_t {
  dry,            ///< The source has nothing more now; its next edge will tell.
  waiting,        ///< The source is dry, and its small message is to be sent by send_waiting() this turn.
  spent,          ///< The turn's budget is used up; there may be more.
  held,           ///< The sink is full and holds_bytes().
  input_end,      ///< The source ended.
  input_failed,   ///< The source is lost; error() says why.
  output_failed,  ///< The sink is lost; error() says why.
};

class Relay {
 public:
  /// The sink's small writes may wait for acknowledgements so far: from the second one on they shall not.
  void hurry_later() { hurries_later_ = true; }

  /// Moves bytes until one of the outcomes. Call only while !holds_bytes() and !is_waiting().
  RelayOutcome advance(const RelayPorts& ports);

  /// Sends the message that waits in the worker's receive buffer: dry, held or output_failed.
  RelayOutcome send_waiting(int sink, HeldBufferPool& buffers);
  bool is_waiting() const { return waiting_bytes_ != 0; }

  /// Sends what is held: dry when all is gone, else held or output_failed.
  RelayOutcome flush(int sink, HeldBufferPool& buffers);

  void drop_held();
  bool holds_bytes() const { return held_ != nullptr || pipe_ != nullptr; }
  bool is_splicing() const { return is_splicing_; }
  bool has_spliced() const { return has_spliced_; }
  std::uint64_t moved_bytes() const { return moved_bytes_; }  ///< Taken by the sink's kernel.
  int error() const { return error_; }                        ///< errno of the last failed outcome.

  // One read takes this much at most. It doubles while the sink takes everything and halves when it does not,
  // so that bulk gets few, large calls (256 KiB moved twice what 16 KiB did, docs/performance.md) and a slow
  // reader makes us keep little.
  static constexpr std::uint32_t kSmallestChunkBytes = 16 * 1024;
  static constexpr std::uint32_t kLargestChunkBytes = ReceiveBuffer::kLargestReadBytes;
  static constexpr int kReadsPerTurn = 16;  ///< Then others have their turn.
  static constexpr std::size_t kBytesPerTurn = 4 * 1024 * 1024;

 private:
  RelayOutcome copy(const RelayPorts& ports);
  RelayOutcome pass_on(int sink, HeldBufferPool& buffers, std::span<const std::byte> bytes);
  RelayOutcome hold(HeldBufferPool& buffers, std::span<const std::byte> bytes);
  RelayOutcome flush_held(int sink);

  RelayOutcome splice(const RelayPorts& ports);
  RelayOutcome empty_pipe(int sink, HeldBufferPool& buffers);
  RelayOutcome rescue_pipe(int sink, HeldBufferPool& buffers);
  void count_splice(std::size_t bytes);

  HeldBufferPool::Lease held_;
  PipePool::Lease pipe_;                ///< Only while it holds bytes, or within a turn.
  const std::byte* waiting_ = nullptr;  ///< In the worker's receive buffer, until the turn ends.
  std::uint32_t waiting_bytes_ = 0;
  std::uint32_t chunk_bytes_ = kSmallestChunkBytes;
  std::uint64_t moved_bytes_ = 0;
  int error_ = 0;
  std::uint8_t in_a_row_ = 0;  ///< Full reads while copying, short moves while splicing.
  bool is_splicing_ : 1 = false;
  bool has_spliced_ : 1 = false;
  bool is_splice_refused_ : 1 = false;  ///< These sockets cannot; never asked again.
  bool hurries_later_ : 1 = false;      ///< See hurry_later().
};

}  // namespace amb
