// SPDX-License-Identifier: Apache-2.0
//
// Operator new and delete, only to know which buffers for refused bytes exist: a session that is idle has
// none.
#include <algorithm>
#include <bit>
#include <new>
#include <utility>
#include <vector>

#include "proxy/held_buffer.h"
#include "sim/fake_kernel/kept_memory.h"

namespace amb::sim {

namespace {

struct Block {
  void* place;
  std::size_t room;
};

std::size_t total_room = 0;

std::vector<Block>& blocks() {
  static std::vector<Block> all;
  return all;
}

/// Room in a block of `size` bytes, if it is a buffer for refused bytes: a head and a power of two.
std::size_t room_of(std::size_t size) {
  constexpr std::size_t kSmallest = 4096;
  if (size < sizeof(HeldBuffer) + kSmallest) return 0;
  const std::size_t room = size - sizeof(HeldBuffer);
  return std::has_single_bit(room) ? room : 0;
}

}  // namespace

std::size_t kept_memory() { return total_room; }

extern "C" {

// Buffers are asked for without exceptions: operator new(std::size_t, const std::nothrow_t&).
void* __real__ZnwmRKSt9nothrow_t(std::size_t size, const std::nothrow_t& tag);
void* __wrap__ZnwmRKSt9nothrow_t(std::size_t size, const std::nothrow_t& tag);
void* __wrap__ZnwmRKSt9nothrow_t(std::size_t size, const std::nothrow_t& tag) {
  void* place = __real__ZnwmRKSt9nothrow_t(size, tag);
  if (const std::size_t room = room_of(size); place != nullptr && room != 0) {
    total_room += room;
    blocks().push_back({place, room});
  }
  return place;
}

void __real__ZdlPv(void* place);
void __wrap__ZdlPv(void* place);
void __wrap__ZdlPv(void* place) {
  if (total_room != 0) {
    std::erase_if(blocks(), [&](const Block& block) {
      if (block.place != place) return false;
      total_room -= block.room;
      return true;
    });
  }
  __real__ZdlPv(place);
}

}  // extern "C"

}  // namespace amb::sim
