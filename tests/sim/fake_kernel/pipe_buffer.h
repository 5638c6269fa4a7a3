// SPDX-License-Identifier: Apache-2.0
//
// A pipe of the fake kernel, as far as splice(2) and read(2) can tell. Like the real one it has slots rather
// than bytes: small segments of a socket fill it long before its capacity in bytes is reached.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>

#include "sim/fake_kernel/byte_stream.h"
#include "sim/fake_kernel/file.h"

namespace amb::sim {

class PipeBuffer {
 public:
  static constexpr std::uint32_t kPageBytes = 4096;
  static constexpr std::uint32_t kUsualBytes = 16 * kPageBytes;

  struct Extent {
    ByteStream bytes;
    std::uint64_t position = 0;
    std::uint32_t size = 0;
  };

  std::uint32_t capacity_bytes = kUsualBytes;
  std::uint32_t segment_bytes = kPageBytes;  ///< What one slot takes.

  std::uint32_t room() const { return capacity_bytes / kPageBytes * segment_bytes - held_; }
  std::uint32_t held() const { return held_; }
  void push(const Extent& extent);
  const Extent& front() const { return extents_.front(); }
  void pop(std::uint32_t bytes);  ///< From the front extent.
  std::size_t read(std::span<std::byte> into);

 private:
  std::deque<Extent> extents_;
  std::uint32_t held_ = 0;
};

/// One of a pipe's two descriptors.
class PipeEnd final : public File {
 public:
  PipeEnd(Kernel& kernel, PipeBuffer& buffer, bool reads) : File(kernel), buffer_(buffer), reads_(reads) {}
  std::uint32_t poll() override { return 0; }  // nobody waits for a pipe
  void on_close() override;

  PipeBuffer& buffer() { return buffer_; }
  bool reads() const { return reads_; }

 private:
  PipeBuffer& buffer_;
  bool reads_;
};

}  // namespace amb::sim
