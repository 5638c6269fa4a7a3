// SPDX-License-Identifier: Apache-2.0
//
// The socket calls of the data path, one thin wrapper each: EINTR retried, the outcome in a shape the
// compiler makes you handle, every descriptor born close-on-exec and non-blocking. A simulator can stand in
// for this file: nothing else on the data path calls the kernel about a stream.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"
#include "net/address.h"

namespace amb {

/// recv(2). `end` is the peer's FIN; `failed` holds ECONNRESET, ETIMEDOUT and the like.
IoResult try_receive(int fd, std::span<std::byte> into);

/// send(2) with MSG_NOSIGNAL. `done` may be short. Never `end`.
IoResult try_send(int fd, std::span<const std::byte> bytes);

struct AcceptResult {
  IoResult io;  ///< `done`, `would_block` or `failed`; see accept_failure().
  UniqueFd fd;
  SocketAddress peer;
};
AcceptResult try_accept(int listener);

/// What to do about a failed accept. No accept error ever ends the loop.
enum class AcceptFailure : std::uint8_t {
  skip,              ///< That connection is gone (ECONNABORTED, network errors): take the next one.
  out_of_resources,  ///< EMFILE, ENFILE, ENOBUFS, ENOMEM, a filter's EPERM, anything unknown: pause, then try
                     ///< again.
};
AcceptFailure accept_failure(int error);

struct ConnectResult {
  IoResult io;  ///< `done` at once (UNIX), `would_block` while the handshake runs, or `failed`.
  UniqueFd fd;
};
/// Opens a stream socket, sets SO_OOBINLINE and begins to connect it. What short sessions do without is not
/// on yet: send_at_once(), keep_alive(). Closing it is a reset until end_on_close() says otherwise.
ConnectResult try_connect(const SocketAddress& to);

/// SO_ERROR: the errno that a connect ended with, 0 when it is up. Clears it, so ask once.
int connect_error(int fd);

/// True when an accepted connection is known to be gone already. Clears SO_ERROR, so ask once.
bool was_reset(int fd);

/// True when the kernel has connected the socket to itself, which a connect to a free port in the ephemeral
/// range of this host can do (simultaneous open with one's own SYN). `peer_port` is what it was to reach: one
/// look at the own port settles nearly every case.
bool is_self_connected(int fd, std::uint16_t peer_port);

/// Whether that can happen at all: only ports that the kernel gives to who has not bound one, as they were
/// when this was first asked. True where they are not known.
bool may_meet_itself(std::uint16_t port);

/// FIN after everything sent so far. 0 or an errno (ENOTCONN when the peer is already gone).
int shutdown_write(int fd);

/// From now on close() sends RST and drops unsent bytes (SO_LINGER 0), and so does the kernel of a program
/// that is killed: it would make up an end otherwise. Accepted sockets inherit it from their listener. UNIX
/// sockets know no reset: there closing is all one can do, and the peer sees end of file.
void reset_on_close(int fd);

/// Undoes that, just before a close that is an end: the kernel sends what is queued, then FIN. False with
/// errno when it cannot be had, and closing will be a reset.
[[nodiscard]] bool end_on_close(int fd);

/// Bytes (and a FIN) that the peer's kernel has not acknowledged, from SIOCOUTQ; 0 when the socket is gone.
std::size_t unacknowledged_bytes(int fd);

/// What TCP_INFO tells about a peer's silence, tcp(7).
struct PeerSilence {
  bool waits_for_ack = false;  ///< Segments in flight, or several window probes without an answer.
  bool has_unsent = false;     ///< Bytes wait for the peer's window to open.
  std::chrono::milliseconds since_last_ack{0};
};
PeerSilence peer_silence(int fd);

/// What TCP_INFO tells of the network between us and the peer.
struct PathQuality {
  bool is_known = false;             ///< Not of UNIX sockets.
  std::chrono::microseconds rtt{0};  ///< Smoothed.
  std::uint32_t retransmitted = 0;   ///< Segments so far.
};
PathQuality path_quality(int fd);

SocketAddress local_address(int fd);

/// TCP_NODELAY: from now on small writes do not wait for what was sent before them. The first write never
/// does.
void send_at_once(int fd);

/// Keepalive 60 s / 10 s / 6 probes. Four calls, so a session makes them when it has lived for a while.
void keep_alive(int fd);

/// TCP_NODELAY, SO_OOBINLINE and keepalive; accepted sockets inherit all from their listener.
void tune_stream(int fd);

}  // namespace amb
