// SPDX-License-Identifier: Apache-2.0
//
// A kernel pipe that bytes pass through from one socket to another without being copied into the program,
// splice(2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"

namespace amb {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
  std::uint32_t capacity_bytes = 0;
  std::uint32_t held_bytes = 0;  ///< Moved in and not yet out: kept up to date by the functions below.
};

/// A pipe of about `wish_bytes`, or of the kernel's usual size when it grants no more. Nothing when there are
/// no descriptors, or when this user has so many pipes that the kernel grants single pages only
/// (pipe-user-pages-soft, pipe(7)): copying is cheaper then.
std::optional<Pipe> open_pipe(std::uint32_t wish_bytes);

/// Moves what the socket has into an empty pipe. Outcomes as try_receive(), but that before an urgent byte,
/// which no splice passes, the kernel says `would_block`, or even `end`: only try_receive() knows for sure.
IoResult splice_in(int socket, Pipe& pipe);

/// Moves bytes of the pipe into the socket. Outcomes as try_send().
IoResult splice_out(Pipe& pipe, int socket);

/// True when the errno says that this kernel, its seccomp filter or this kind of socket has no splice, and
/// not that a peer is gone.
bool is_splice_refused(int error);

/// Whether splice works here at all: tries it.
bool is_splice_allowed();

}  // namespace amb
