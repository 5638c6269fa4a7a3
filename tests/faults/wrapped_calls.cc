// SPDX-License-Identifier: Apache-2.0
//
// The system calls of the data plane as this program has them: the linker sends each here (--wrap, see
// CMakeLists.txt), and __real_NAME is libc's own. Only workers are disturbed.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>

#include "faults/injection.h"

using amb::test::Call;
using amb::test::count;
using amb::test::Effect;
using amb::test::Fault;

namespace {

int fail(int error) {
  errno = error;
  return -1;
}

/// For a call that moves bytes: what it may move at most.
std::size_t allowance(const Fault& fault, std::size_t wanted) {
  return fault.effect == Effect::one_byte ? std::min<std::size_t>(wanted, 1) : (wanted + 1) / 2;
}

bool is_socket(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode);
}

/// A byte-moving call: fails, or would block, or is short. `edge_follows`: the kernel tells when the rest can
/// go on, and the caller relies on that.
enum class Edge : bool { none, follows };

template <class Move>
ssize_t move(Call call, int socket, std::size_t bytes, Edge edge, Move real) {
  const auto fault = count(call, socket);
  if (!fault) return real(bytes);
  if (fault->effect == Effect::fails) return fail(fault->error);
  if (fault->effect == Effect::blocks) {
    amb::test::raise_edge(socket);
    return fail(EAGAIN);
  }
  const ssize_t moved = real(allowance(*fault, bytes));
  const int error = errno;
  if (edge == Edge::follows) amb::test::raise_edge(socket);
  errno = error;
  return moved;
}

/// A call that only succeeds or fails.
template <class Real>
int attempt(Call call, Real real) {
  const auto fault = count(call);
  if (!fault) return real();
  if (fault->effect == Effect::fails_but_acts) (void)real();
  return fail(fault->error);
}

}  // namespace

extern "C" {

int __real_accept4(int fd, sockaddr* address, socklen_t* size, int flags);
int __real_socket(int domain, int type, int protocol);
int __real_connect(int fd, const sockaddr* address, socklen_t size);
ssize_t __real_recv(int fd, void* into, size_t bytes, int flags);
ssize_t __real_send(int fd, const void* from, size_t bytes, int flags);
ssize_t __real_splice(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t bytes,
                      unsigned flags);
int __real_pipe2(int* fds, int flags);
int __real_fcntl(int fd, int command, ...);
ssize_t __real_read(int fd, void* into, size_t bytes);
int __real_shutdown(int fd, int how);
int __real_setsockopt(int fd, int level, int name, const void* value, socklen_t size);
int __real_getsockopt(int fd, int level, int name, void* value, socklen_t* size);
int __real_getsockname(int fd, sockaddr* address, socklen_t* size);
int __real_getpeername(int fd, sockaddr* address, socklen_t* size);
int __real_ioctl(int fd, unsigned long request, ...);
int __real_epoll_ctl(int epoll, int operation, int fd, epoll_event* event);
int __real_epoll_wait(int epoll, epoll_event* events, int most, int timeout);
int __real_eventfd_read(int fd, eventfd_t* value);
int __real_eventfd_write(int fd, eventfd_t value);
int __real_close(int fd);
int __real_clock_gettime(clockid_t clock, timespec* now);

int __wrap_accept4(int fd, sockaddr* address, socklen_t* size, int flags) {
  const auto fault = count(Call::accept4);
  if (fault && fault->effect == Effect::fails) return fail(fault->error);
  if (fault && fault->effect == Effect::blocks) return fail(EAGAIN);
  const int accepted = __real_accept4(fd, address, size, flags);
  if (accepted < 0) return accepted;
  if (!fault) {
    amb::test::count_accepted();
    return accepted;
  }
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)__real_setsockopt(accepted, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  (void)__real_close(accepted);
  return fail(fault->error);
}

int __wrap_socket(int domain, int type, int protocol) {
  return attempt(Call::socket, [&] { return __real_socket(domain, type, protocol); });
}

int __wrap_connect(int fd, const sockaddr* address, socklen_t size) {
  return attempt(Call::connect, [&] { return __real_connect(fd, address, size); });
}

ssize_t __wrap_recv(int fd, void* into, size_t bytes, int flags) {
  return move(Call::recv, fd, bytes, Edge::follows,
              [&](std::size_t most) { return __real_recv(fd, into, most, flags); });
}

ssize_t __wrap_send(int fd, const void* from, size_t bytes, int flags) {
  return move(Call::send, fd, bytes, Edge::follows,
              [&](std::size_t most) { return __real_send(fd, from, most, flags); });
}

/// No edge follows a short splice: pipes have few slots, so callers know that there can be more.
ssize_t __wrap_splice(int from, off64_t* from_offset, int to, off64_t* to_offset, size_t bytes,
                      unsigned flags) {
  const bool is_in = is_socket(from);
  return move(is_in ? Call::splice_in : Call::splice_out, is_in ? from : to, bytes, Edge::none,
              [&](std::size_t most) { return __real_splice(from, from_offset, to, to_offset, most, flags); });
}

int __wrap_pipe2(int* fds, int flags) {
  return attempt(Call::pipe2, [&] { return __real_pipe2(fds, flags); });
}

int __wrap_fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* argument = va_arg(arguments, void*);  // as libc does: of a size that holds every kind
  va_end(arguments);
  const auto real = [&] { return __real_fcntl(fd, command, argument); };
  if (command == F_SETPIPE_SZ) return attempt(Call::fcntl_set_size, real);
  if (command == F_GETPIPE_SZ) return attempt(Call::fcntl_get_size, real);
  return real();
}

ssize_t __wrap_read(int fd, void* into, size_t bytes) {
  return move(Call::read, fd, bytes, Edge::none,
              [&](std::size_t most) { return __real_read(fd, into, most); });
}

int __wrap_shutdown(int fd, int how) {
  return attempt(Call::shutdown, [&] { return __real_shutdown(fd, how); });
}

int __wrap_setsockopt(int fd, int level, int name, const void* value, socklen_t size) {
  const bool is_linger = level == SOL_SOCKET && name == SO_LINGER;
  return attempt(is_linger ? Call::setsockopt_linger : Call::setsockopt,
                 [&] { return __real_setsockopt(fd, level, name, value, size); });
}

int __wrap_getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  const bool is_error = level == SOL_SOCKET && name == SO_ERROR;
  return attempt(is_error ? Call::getsockopt_error : Call::getsockopt_info,
                 [&] { return __real_getsockopt(fd, level, name, value, size); });
}

int __wrap_getsockname(int fd, sockaddr* address, socklen_t* size) {
  const auto fault = count(Call::getsockname);
  if (!fault) return __real_getsockname(fd, address, size);
  if (fault->effect == Effect::fails) return fail(fault->error);
  const int outcome = __real_getpeername(fd, address, size);
  reinterpret_cast<sockaddr_in*>(address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
  return outcome;
}

int __wrap_getpeername(int fd, sockaddr* address, socklen_t* size) {
  return attempt(Call::getpeername, [&] { return __real_getpeername(fd, address, size); });
}

int __wrap_ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  return attempt(Call::ioctl, [&] { return __real_ioctl(fd, request, argument); });
}

/// Removing a descriptor cannot fail but for a bug, so it never does here.
int __wrap_epoll_ctl(int epoll, int operation, int fd, epoll_event* event) {
  const auto real = [&] { return __real_epoll_ctl(epoll, operation, fd, event); };
  if (operation == EPOLL_CTL_DEL) {
    amb::test::unwatched(fd);
    return real();
  }
  const int outcome = attempt(Call::epoll_ctl, real);
  if (outcome == 0) amb::test::watched(epoll, fd, *event);
  return outcome;
}

int __wrap_epoll_wait(int epoll, epoll_event* events, int most, int timeout) {
  const auto fault = count(Call::epoll_wait);
  if (fault && fault->effect == Effect::fails) return fail(fault->error);
  if (fault && fault->effect == Effect::no_event) return 0;
  if (fault && fault->effect == Effect::one_event) most = 1;
  if (fault && fault->effect == Effect::all_events) amb::test::raise_all_edges();
  const int speed = amb::test::kClockSpeed;
  return __real_epoll_wait(epoll, events, most, timeout <= 0 ? timeout : (timeout + speed - 1) / speed);
}

int __wrap_eventfd_read(int fd, eventfd_t* value) {
  return attempt(Call::eventfd_read, [&] { return __real_eventfd_read(fd, value); });
}

int __wrap_eventfd_write(int fd, eventfd_t value) {
  constexpr eventfd_t kFull = ~eventfd_t{0} - 1;
  const auto fault = count(Call::eventfd_write);
  if (fault) (void)__real_eventfd_write(fd, kFull);
  return __real_eventfd_write(fd, value);
}

int __wrap_close(int fd) {
  amb::test::unwatched(fd);
  return attempt(Call::close, [&] { return __real_close(fd); });
}

int __wrap_clock_gettime(clockid_t clock, timespec* now) {
  const int outcome = __real_clock_gettime(clock, now);
  if (outcome != 0 || clock != CLOCK_MONOTONIC) return outcome;
  const auto nanoseconds = (now->tv_sec * 1'000'000'000L + now->tv_nsec) * amb::test::kClockSpeed;
  *now = {.tv_sec = nanoseconds / 1'000'000'000L, .tv_nsec = nanoseconds % 1'000'000'000L};
  return 0;
}

}  // extern "C"
