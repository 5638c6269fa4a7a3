// SPDX-License-Identifier: Apache-2.0
#include "sim/fake_kernel/pipe_buffer.h"

#include <algorithm>

#include "sim/fake_kernel/kernel.h"

namespace amb::sim {

void PipeBuffer::push(const Extent& extent) {
  extents_.push_back(extent);
  held_ += extent.size;
}

void PipeBuffer::pop(std::uint32_t bytes) {
  Extent& first = extents_.front();
  first.position += bytes;
  first.size -= bytes;
  held_ -= bytes;
  if (first.size == 0) extents_.pop_front();
}

std::size_t PipeBuffer::read(std::span<std::byte> into) {
  if (held_ == 0 || into.empty()) return 0;
  const Extent& first = extents_.front();
  const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(first.size, into.size()));
  first.bytes.copy(first.position, into.first(count));
  pop(count);
  return count;
}

void PipeEnd::on_close() {
  kernel_.trace("  pipe end closed, %u bytes in it", buffer_.held());
  if (reads_ && buffer_.held() > 0) kernel_.saw(Seen::pipe_destroyed_with_bytes);
}

}  // namespace amb::sim
