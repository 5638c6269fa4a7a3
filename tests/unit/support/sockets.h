// SPDX-License-Identifier: Apache-2.0
//
// Real sockets on loopback, for tests of what stands on them.
#pragma once

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "net/listening.h"
#include "net/socket.h"
#include "unit/support/eventually.h"

namespace amb::test {

inline SocketAddress ip(std::string_view text, std::uint16_t port = 0) {
  return SocketAddress::from_ip(text, port).value();
}

/// A listener of one socket on a port that the kernel chooses.
inline BoundListener listen_on(const SocketAddress& address) {
  auto bound = bind_listener(address, 1);
  EXPECT_TRUE(bound) << (bound ? "" : bound.error().message());
  if (!bound) return {};
  EXPECT_TRUE(start_listening(*bound));
  return std::move(*bound);
}

/// What a killed program leaves at its UNIX path: a socket's file at which nobody listens.
inline void leave_dead_socket(const SocketAddress& path) {
  const UniqueFd killed(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::bind(killed.borrow(), path.raw(), path.raw_size()), 0);
}

/// How a connect ends: 0 or an errno, and the socket. Like one that is accepted it ends when it is closed.
struct Connected {
  int error = 0;
  UniqueFd fd;
};
inline Connected connect_to(const SocketAddress& address) {
  ConnectResult result = try_connect(address);
  if (result.io.status == IoStatus::failed) return {result.io.error, {}};
  EXPECT_TRUE(is_ready(result.fd.borrow(), POLLOUT));
  EXPECT_TRUE(end_on_close(result.fd.borrow()));
  return {connect_error(result.fd.borrow()), std::move(result.fd)};
}

/// An address of this host that nobody has: of a loopback address that is this process's alone, so that
/// neither another test nor a consumer's own port is in its way, and never the same one twice.
inline SocketAddress free_address() {
  static std::set<std::uint16_t> given;
  const auto pid = static_cast<unsigned>(::getpid());
  const std::string ours = "127.1." + std::to_string(pid / 256 % 256) + "." + std::to_string(pid % 256);
  for (;;) {
    const SocketAddress address = listen_on(ip(ours)).address;
    if (given.insert(address.port()).second) return address;
  }
}

inline UniqueFd accept_from(int listener) {
  EXPECT_TRUE(is_ready(listener, POLLIN));
  UniqueFd accepted = try_accept(listener).fd;
  EXPECT_TRUE(!accepted.is_open() || end_on_close(accepted.borrow()));
  return accepted;
}

/// Two ends of one TCP connection: `near` connected, `far` was accepted.
struct TcpPair {
  UniqueFd near, far;
};
inline TcpPair connected_pair() {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  TcpPair pair{connect_to(listener.address).fd, {}};
  pair.far = accept_from(listener.sockets.front().borrow());
  return pair;
}

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::size_t send_text(int fd, std::string_view text) {
  const IoResult sent = try_send(fd, bytes_of(text));
  EXPECT_EQ(sent.status, IoStatus::done);
  return sent.count;
}

/// Waits for something to receive, then receives once.
inline IoResult receive_next(int fd, std::string& into) {
  EXPECT_TRUE(is_ready(fd, POLLIN));
  std::array<char, 65536> buffer;
  const IoResult result = try_receive(fd, std::as_writable_bytes(std::span(buffer)));
  if (result.status == IoStatus::done) into.append(buffer.data(), result.count);
  return result;
}

/// Everything up to the peer's end, or to `size` bytes.
inline std::string receive_text(int fd, std::size_t size = std::string::npos) {
  std::string text;
  while (text.size() < size && receive_next(fd, text).status == IoStatus::done) {
  }
  return text;
}

/// Sends until no more fits, and says how much did.
inline std::size_t fill(int fd) {
  const std::string chunk(65536, 'x');
  std::size_t total = 0;
  for (;;) {
    const IoResult sent = try_send(fd, bytes_of(chunk));
    if (sent.status != IoStatus::done) return total;
    total += sent.count;
  }
}

/// From now on the kernel drops every segment that arrives at `fd`, as a host that has lost its power would.
/// False where only root may attach a filter.
[[nodiscard]] inline bool make_deaf(int fd) {
  sock_filter drop{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
  const sock_fprog program{.len = 1, .filter = &drop};
  return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
}

inline int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  EXPECT_EQ(::getsockopt(fd, level, name, &value, &size), 0);
  return value;
}

}  // namespace amb::test
