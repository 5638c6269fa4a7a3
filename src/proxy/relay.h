// SPDX-License-Identifier: Apache-2.0
//
// The mover of one direction. Bytes go from the source socket through the worker's one receive buffer
// straight into the sink; only what the sink refuses is kept, in a buffer that exists exactly as long as it
// holds something. While it does, the source is not read: the peer's window closes and memory stays bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace amb {

/// What a relay's sockets are this turn.
struct RelayPorts {
  int source;
  int sink;
  bool source_hung_up;           ///< The source signalled a hang-up: read on until its end shows.
  std::span<std::byte> scratch;  ///< The worker's receive buffer.
};

enum class RelayOutcome : std::uint8_t {
  dry,            ///< The source has nothing more now; its next edge will tell.
  spent,          ///< The turn's budget is used up; there may be more.
  held,           ///< The sink is full and holds_bytes().
  input_end,      ///< The source ended.
  input_failed,   ///< The source is lost; error() says why.
  output_failed,  ///< The sink is lost; error() says why.
};

class Relay {
 public:
  /// Moves bytes until one of the outcomes. Call only while !holds_bytes().
  RelayOutcome advance(const RelayPorts& ports);

  /// Sends what is held: dry when all is gone, else held or output_failed.
  RelayOutcome flush(int sink);

  void drop_held();
  bool holds_bytes() const { return held_ != nullptr; }
  std::uint64_t moved_bytes() const { return moved_bytes_; }  ///< Taken by the sink's kernel.
  int error() const { return error_; }                        ///< errno of the last failed outcome.

 private:
  RelayOutcome pass_on(int sink, std::span<const std::byte> bytes);
  void hold(std::span<const std::byte> bytes);

  std::unique_ptr<std::byte[]> held_;
  std::uint32_t held_begin_ = 0;
  std::uint32_t held_end_ = 0;
  std::uint32_t chunk_bytes_ = kSmallestChunkBytes;
  int error_ = 0;
  std::uint64_t moved_bytes_ = 0;

 public:
  // One read takes this much at most. It doubles while the sink takes everything and halves when it does not,
  // so that bulk gets few, large calls (256 KiB moved twice what 16 KiB did, docs/performance.md) and a slow
  // reader makes us keep little.
  static constexpr std::uint32_t kSmallestChunkBytes = 16 * 1024;
  static constexpr std::uint32_t kLargestChunkBytes = 256 * 1024;
  static constexpr int kReadsPerTurn = 16;  ///< Then others have their turn.
};

}  // namespace amb
