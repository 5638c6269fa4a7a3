// SPDX-License-Identifier: Apache-2.0
#include "net/pipe.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace amb {

namespace {

constexpr int kSmallestUsefulBytes = 64 * 1024;  // the kernel's usual pipe

IoResult splice(int from, int to, std::size_t bytes) {
  for (;;) {
    const ssize_t count = ::splice(from, nullptr, to, nullptr, bytes, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (count > 0) return IoResult::done(static_cast<std::size_t>(count));
    if (count == 0) return IoResult::end();
    if (errno == EAGAIN) return IoResult::would_block();
    if (errno != EINTR) return IoResult::failed(errno);
  }
}

}  // namespace

std::optional<Pipe> open_pipe(std::uint32_t wish_bytes) {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
  Pipe pipe{.read_end = UniqueFd(fds[0]), .write_end = UniqueFd(fds[1])};
  (void)::fcntl(fds[1], F_SETPIPE_SZ, static_cast<int>(wish_bytes));
  const int capacity = ::fcntl(fds[1], F_GETPIPE_SZ);
  if (capacity < kSmallestUsefulBytes) return std::nullopt;
  pipe.capacity_bytes = static_cast<std::uint32_t>(capacity);
  return pipe;
}

IoResult splice_in(int socket, Pipe& pipe) {
  const IoResult moved = splice(socket, pipe.write_end.borrow(), pipe.capacity_bytes);
  if (moved.status == IoStatus::done) pipe.held_bytes += static_cast<std::uint32_t>(moved.count);
  return moved;
}

IoResult splice_out(Pipe& pipe, int socket) {
  const IoResult moved = splice(pipe.read_end.borrow(), socket, pipe.held_bytes);
  if (moved.status == IoStatus::done) pipe.held_bytes -= static_cast<std::uint32_t>(moved.count);
  return moved;
}

bool is_splice_refused(int error) {
  return error == EINVAL || error == ENOSYS || error == EPERM || error == EACCES || error == EOPNOTSUPP;
}

bool is_splice_allowed() {
  std::array<int, 2> fds{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0) return false;
  const UniqueFd socket(fds[0]);
  const UniqueFd peer(fds[1]);
  auto pipe = open_pipe(kSmallestUsefulBytes);
  if (!pipe || ::send(peer.borrow(), "?", 1, MSG_NOSIGNAL) != 1) return false;
  return splice_in(socket.borrow(), *pipe).status == IoStatus::done;
}

}  // namespace amb
