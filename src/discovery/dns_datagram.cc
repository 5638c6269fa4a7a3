// SPDX-License-Identifier: Apache-2.0
#include "discovery/dns_datagram.h"

#include <cstddef>

namespace amb {

namespace {

constexpr std::size_t kHeader = 12;
constexpr unsigned kIsAnswer = 0x80, kIsCut = 0x02;  // in the third byte
constexpr unsigned kPointer = 0xc0;

/// Steps over the parts of a message; false when it ends before they do.
class Walk {
 public:
  explicit Walk(std::span<const unsigned char> bytes) : bytes_(bytes) {}

  bool over(std::size_t count) {
    if (count > bytes_.size() - at_) return false;
    at_ += count;
    return true;
  }
  bool over_name() {
    while (at_ < bytes_.size()) {
      const unsigned size = bytes_[at_];
      if ((size & kPointer) == kPointer) return over(2);
      if ((size & kPointer) != 0 || !over(size + 1)) return false;
      if (size == 0) return true;
    }
    return false;
  }
  bool over_record() {
    constexpr std::size_t kTypeClassTtl = 8;
    if (!over_name() || !over(kTypeClassTtl + 2)) return false;
    return over(number(at_ - 2));
  }
  std::size_t number(std::size_t at) const { return bytes_[at] * 256U + bytes_[at + 1]; }

 private:
  std::span<const unsigned char> bytes_;
  std::size_t at_ = 0;
};

}  // namespace

bool is_answer(std::span<const unsigned char> message) {
  Walk walk(message);
  if (!walk.over(kHeader) || (message[2] & kIsAnswer) == 0) return false;
  constexpr std::size_t kTypeAndClass = 4;
  for (std::size_t left = walk.number(4); left > 0; --left) {
    if (!walk.over_name() || !walk.over(kTypeAndClass)) return false;
  }
  if ((message[2] & kIsCut) != 0) return true;
  for (std::size_t left = walk.number(6) + walk.number(8) + walk.number(10); left > 0; --left) {
    if (!walk.over_record()) return false;
  }
  return true;
}

}  // namespace amb
