// SPDX-License-Identifier: Apache-2.0
//
// The only owner of a file descriptor. A raw `int fd` anywhere else is borrowed.
#pragma once

#include <unistd.h>

#include <utility>

namespace amb {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  ~UniqueFd() { reset(); }

  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    UniqueFd old(std::exchange(fd_, std::exchange(other.fd_, -1)));
    return *this;
  }

  bool is_open() const { return fd_ >= 0; }
  int borrow() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));  // never retried: Linux frees the number even on EINTR
  }

  /// Deleted so that `if (fd)` cannot compile: it would be true for -1 and false for 0.
  explicit operator bool() const = delete;

 private:
  int fd_ = -1;
};

}  // namespace amb
