// SPDX-License-Identifier: Apache-2.0
#include "proxy/held_buffer.h"

#include <bit>
#include <new>
#include <utility>

#include "base/check.h"

namespace amb {

namespace {

constexpr unsigned kSmallestBits = 12;

std::size_t class_bytes(unsigned size_class) { return std::size_t{1} << (kSmallestBits + size_class); }

unsigned class_of(std::size_t bytes) {
  const auto bits = static_cast<unsigned>(std::bit_width(bytes - 1));
  return bits <= kSmallestBits ? 0 : bits - kSmallestBits;
}

}  // namespace

HeldBufferPool::Lease HeldBufferPool::borrow(std::size_t bytes) {
  AMB_CHECK(bytes > 0 && bytes <= kLargestBytes);
  was_borrowed_ = true;
  const unsigned size_class = class_of(bytes);
  HeldBuffer* buffer = idle_[size_class];
  if (buffer != nullptr) {
    idle_[size_class] = buffer->next;
    idle_bytes_ -= class_bytes(size_class);
  } else {
    void* memory = ::operator new(sizeof(HeldBuffer) + class_bytes(size_class), std::nothrow);
    if (memory == nullptr) return {};
    buffer = new (memory) HeldBuffer{.pool = this, .size_class = static_cast<std::uint8_t>(size_class)};
  }
  lent_bytes_ += class_bytes(size_class);
  buffer->begin = buffer->end = 0;
  return Lease(buffer);
}

void HeldBufferPool::take_back(HeldBuffer* buffer) {
  const std::size_t bytes = class_bytes(buffer->size_class);
  lent_bytes_ -= bytes;
  if (idle_bytes_ + bytes > kMostIdleBytes) return ::operator delete(buffer);
  buffer->next = std::exchange(idle_[buffer->size_class], buffer);
  idle_bytes_ += bytes;
}

void HeldBufferPool::trim() {
  if (!std::exchange(was_borrowed_, false)) free_idle();
}

void HeldBufferPool::free_idle() {
  for (HeldBuffer*& first : idle_) {
    while (first != nullptr) ::operator delete(std::exchange(first, first->next));
  }
  idle_bytes_ = 0;
}

}  // namespace amb
