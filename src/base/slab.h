// SPDX-License-Identifier: Apache-2.0
//
// Memory for many objects of one type and one thread, taken from the system in blocks of 64 and never given
// back: making and freeing one is a pop and a push.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace amb {

template <class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  template <class... Arguments>
  T& make(Arguments&&... arguments) {
    if (free_.empty()) grow();
    Place* place = free_.back();
    free_.pop_back();
    return *new (place->bytes) T(std::forward<Arguments>(arguments)...);
  }

  void free(T& object) {
    object.~T();
    free_.push_back(reinterpret_cast<Place*>(&object));  // never grows: room was reserved with the block
  }

 private:
  static constexpr std::size_t kBlock = 64;
  struct Place {
    alignas(T) std::byte bytes[sizeof(T)];
  };

  void grow() {
    blocks_.push_back(std::make_unique_for_overwrite<Place[]>(kBlock));
    free_.reserve(blocks_.size() * kBlock);
    for (std::size_t i = kBlock; i-- > 0;) free_.push_back(&blocks_.back()[i]);
  }

  std::vector<std::unique_ptr<Place[]>> blocks_;
  std::vector<Place*> free_;
};

}  // namespace amb
