// SPDX-License-Identifier: Apache-2.0
//
// A fault: which call of a worker goes wrong, at which of its turns, how, and for how long. It is written as
// "recv 7 fails ECONNRESET once", which is what a failure prints and what AMB_FAULTS takes to play it again.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace amb::test {

/// The system calls of the data plane; where one name does several jobs, each job is a call of its own.
enum class Call : std::uint8_t {
  accept4,
  socket,
  connect,
  recv,
  send,
  splice_in,
  splice_out,
  pipe2,
  fcntl_set_size,
  fcntl_get_size,
  read,
  shutdown,
  setsockopt,
  setsockopt_linger,
  getsockopt_error,
  getsockopt_info,
  getsockname,
  getpeername,
  ioctl,
  epoll_ctl,
  epoll_wait,
  eventfd_read,
  eventfd_write,
  close,
};
inline constexpr int kCalls = 24;

/// What the call does instead of its work. Each is something that Linux may do; where the kernel would raise
/// an epoll edge afterwards, so does the fault.
enum class Effect : std::uint8_t {
  fails,           ///< Does nothing and fails.
  fails_but_acts,  ///< Does its work and fails: close and connect on EINTR.
  loses,           ///< accept4: the connection is taken out of the queue, reset, and the call fails.
  blocks,          ///< EAGAIN, and a moment later the socket is ready again.
  one_byte,        ///< Moves one byte at most.
  half,            ///< Moves half at most.
  is_full,         ///< eventfd_write: the counter is full, EAGAIN.
  no_event,        ///< epoll_wait: returns early, with nothing.
  one_event,       ///< epoll_wait: returns one event at a time.
  same_port,       ///< getsockname: the own port happens to be the peer's.
  all_events,      ///< epoll_wait: everything that is true now is told once more.
};

/// How often, from the n-th call on.
struct Span {
  std::string_view name;
  std::uint64_t times;
  std::uint64_t every = 1;
  int lasts_ms = 0;  ///< Of real time, from the first on; 0 is for as long as the run lasts.
};
inline constexpr Span kOnce{"once", 1};
inline constexpr Span kFiveTimes{"five-times", 5};
inline constexpr Span kManyTimes{"many-times", 256};
inline constexpr Span kEverySecond{"every-second", std::numeric_limits<std::uint64_t>::max(), 2};
inline constexpr Span kAlways{"always", std::numeric_limits<std::uint64_t>::max()};
/// Where everyone waits until it is over: some pauses of a listener long.
inline constexpr Span kForAWhile{"for-a-while", std::numeric_limits<std::uint64_t>::max(), 1, 50};

struct Fault {
  Call call;
  std::uint64_t nth;  ///< From 1.
  Effect effect;
  int error;  ///< An errno, or 0.
  Span span;

  std::string to_string() const;
  static std::optional<Fault> parse(std::string_view text);
};

std::string_view to_string(Call call);
std::string_view to_string(Effect effect);

}  // namespace amb::test
