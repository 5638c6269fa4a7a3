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

  /// Throws std::bad_alloc when there is no memory for another block; nothing has changed then.
  template <class... Arguments>
  T& make(Arguments&&... arguments) {
    reserve();
    Place* place = std::exchange(free_, free_->next);
    return *new (place->bytes) T(std::forward<Arguments>(arguments)...);
  }
  /// What make() does first.
  void reserve() {
    if (free_ == nullptr) grow();
  }

  void free(T& object) {
    object.~T();
    auto* place = reinterpret_cast<Place*>(&object);
    place->next = std::exchange(free_, place);
  }

 private:
  static constexpr std::size_t kBlock = 64;
  union Place {
    Place* next;  ///< While free.
    alignas(T) std::byte bytes[sizeof(T)];
  };

  void grow() {
    blocks_.push_back(std::make_unique_for_overwrite<Place[]>(kBlock));
    for (std::size_t i = kBlock; i-- > 0;) {
      Place& place = blocks_.back()[i];
      place.next = std::exchange(free_, &place);
    }
  }

  std::vector<std::unique_ptr<Place[]>> blocks_;
  Place* free_ = nullptr;
};

}  // namespace amb
