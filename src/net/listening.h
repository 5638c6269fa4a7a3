// SPDX-License-Identifier: Apache-2.0
//
// Listening sockets, in two steps so that a start is all-or-nothing: every address is bound first, and only
// when all are ours does any of them listen.
#pragma once

#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/address.h"
#include "net/unix_place.h"

namespace amb {

/// The sockets of one listening address, one per worker; UNIX paths have a single one that workers share.
struct BoundListener {
  SocketAddress address;  ///< What was really bound: 0.0.0.0 where IPv6 is switched off.
  std::vector<UniqueFd> sockets;
  bool is_shared = false;
  UnixPlace place = {};  ///< Of a UNIX path, which goes with it.
};

/// Whether a port may be ours already, with another address: 127.0.0.1:80 is about to become 0.0.0.0:80.
enum class PortClaim : bool { exclusive, shared };

/// Binds `address` once for each of `workers`. The address is claimed exclusively: SO_REUSEPORT would let a
/// second program of the same user share the port unseen, so the first socket is bound without it.
/// An unspecified IPv6 address listens dual-stack, and on IPv4 alone where the kernel has no IPv6.
/// A UNIX path whose owner is dead is taken over; a live one, or a file that is no socket, is an error.
/// `shared` leaves that out, for when we are the one who has it.
Result<BoundListener> bind_listener(const SocketAddress& address, unsigned workers,
                                    PortClaim claim = PortClaim::exclusive);

/// Lets the kernel accept on every socket of `listener`.
Result<void> start_listening(const BoundListener& listener);

/// Connections to `fd` are refused from now on, and those in its queue reset. The address stays ours, unless
/// the kernel chose its port. False for a UNIX socket, which could not be opened again.
[[nodiscard]] bool stop_listening(int fd);

/// Undoes stop_listening(). False with errno.
[[nodiscard]] bool listen_again(int fd);

}  // namespace amb
