// SPDX-License-Identifier: Apache-2.0
//
// What a call can come back with. Three shapes, each for one place:
//   IoResult      per-event system calls on the data path: switch over all four, no default
//   Result<T>     set-up that may fail: a value or an Error for people
//   AMB_CHECK     (check.h) a bug of ours; never for what the outside world controls
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

namespace amb {

/// How a non-blocking call ended. `end` is the peer's FIN (recv returned 0); it never means "nothing now".
enum class IoStatus : std::uint8_t { done, would_block, end, failed };

/// Outcome of one non-blocking call. `count` is in bytes and set when done; `error` is an errno, set when
/// failed. EINTR never shows: the wrappers in net/ retry it.
struct [[nodiscard]] IoResult {
  IoStatus status = IoStatus::done;
  int error = 0;
  std::size_t count = 0;

  static IoResult done(std::size_t bytes) { return {IoStatus::done, 0, bytes}; }
  static IoResult would_block() { return {IoStatus::would_block, 0, 0}; }
  static IoResult end() { return {IoStatus::end, 0, 0}; }
  static IoResult failed(int error) { return {IoStatus::failed, error, 0}; }
};

/// Why set-up failed: what was tried, the errno if there was one, and a detail such as an address.
struct Error {
  std::string what;
  int code = 0;
  std::string detail;

  /// One line for people: "cannot bind [::]:80: Permission denied".
  std::string message() const;
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace amb
