// SPDX-License-Identifier: Apache-2.0
//
// Sockets: socket(2), accept(2), connect(2), send(2), recv(2), shutdown(2) and their options.
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>

#include "sim/fake_kernel/calls.h"

namespace amb::sim {

namespace {

/// Whether the connection waits in the queue for a moment longer, because this call fails.
int accept_failure(Kernel& kernel, ListeningSocket& listener) {
  if (is_interrupted(kernel)) return EINTR;
  listener.was_found_empty = listener.queue.empty();
  if (listener.queue.empty()) return EAGAIN;
  if (kernel.strikes(kernel.faults.accept_failed)) {
    kernel.saw(Seen::accept_failed);
    kernel.has_failed_to_accept = true;
    return kernel.random.one_in(2) ? EMFILE : ENOBUFS;
  }
  if (!kernel.strikes(kernel.faults.accept_aborted)) return 0;
  kernel.saw(Seen::accept_aborted);
  return ECONNABORTED;
}

void put_address(std::uint16_t port, sockaddr* address, socklen_t* size) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::memcpy(address, &v4, std::min<std::size_t>(*size, sizeof v4));
  *size = sizeof v4;
}

int get_option(Kernel& kernel, Connection& connection, int level, int name, void* value, socklen_t* size) {
  if (level == SOL_SOCKET && name == SO_ERROR) {
    const int error = connection.take_error();
    std::memcpy(value, &error, sizeof error);
    *size = sizeof error;
    kernel.trace("  SO_ERROR(%u): %d", connection.label(), error);
    return 0;
  }
  if (level != IPPROTO_TCP || name != TCP_INFO) return ENOPROTOOPT;
  tcp_info info{};
  connection.describe(info);
  *size = static_cast<socklen_t>(std::min<std::size_t>(*size, sizeof info));
  std::memcpy(value, &info, *size);
  return 0;
}

}  // namespace

extern "C" {

int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_socket(int, int, int) {
  Kernel& kernel = Kernel::entered();
  if (kernel.strikes(kernel.faults.no_socket)) {
    kernel.saw(Seen::no_socket);
    kernel.was_short_of_resources = true;
    return status(kernel.random.one_in(2) ? EMFILE : ENOBUFS);
  }
  return kernel.open(kernel.world->make_connection());
}

int __wrap_accept4(int fd, sockaddr* address, socklen_t* size, int flags);
int __wrap_accept4(int fd, sockaddr* address, socklen_t* size, int) {
  Kernel& kernel = Kernel::entered();
  auto& listener = kernel.file<ListeningSocket>(fd);
  if (const int error = accept_failure(kernel, listener); error != 0) return status(error);
  Connection& accepted = *listener.queue.front();
  listener.queue.erase(listener.queue.begin());
  kernel.trace("  accept: %u", accepted.label());
  accepted.resets_on_close = true;  // as its listener does, net/listening.cc
  kernel.progressed();
  put_address(accepted.peer_port, address, size);
  return kernel.open(accepted);
}

int __wrap_connect(int fd, const sockaddr* address, socklen_t size);
int __wrap_connect(int fd, const sockaddr* address, socklen_t) {
  Kernel& kernel = Kernel::entered();
  auto& connection = kernel.file<Connection>(fd);
  sockaddr_in v4;
  std::memcpy(&v4, address, sizeof v4);
  connection.local_port = ++kernel.next_port;
  connection.peer_port = ntohs(v4.sin_port);
  connection.begin_connecting();
  const int error = kernel.world->on_connect(connection, connection.peer_port);
  kernel.trace("  connect(%u) to port %u: errno %d", connection.label(), connection.peer_port, error);
  if (error == 0) connection.on_told(0);
  if (error != 0 && error != EINPROGRESS) connection.cannot_connect();
  if (error == EINPROGRESS && is_interrupted(kernel)) {
    kernel.saw(Seen::connect_interrupted);
    return status(EINTR);
  }
  return status(error);
}

ssize_t __real_send(int fd, const void* bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void* bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void* bytes, size_t size, int flags) {
  if (!Kernel::is_fake(fd)) return __real_send(fd, bytes, size, flags);
  Kernel& kernel = Kernel::entered();
  auto& connection = kernel.file<Connection>(fd);
  if ((flags & MSG_NOSIGNAL) == 0) kernel.fail("a send could have ended the program by SIGPIPE");
  if (is_interrupted(kernel)) return outcome(-EINTR);
  return outcome(connection.send({static_cast<const std::byte*>(bytes), size}));
}

ssize_t __real_recv(int fd, void* into, size_t size, int flags);
ssize_t __wrap_recv(int fd, void* into, size_t size, int flags);
ssize_t __wrap_recv(int fd, void* into, size_t size, int flags) {
  if (!Kernel::is_fake(fd)) return __real_recv(fd, into, size, flags);
  Kernel& kernel = Kernel::entered();
  auto& connection = kernel.file<Connection>(fd);
  if (is_interrupted(kernel)) return outcome(-EINTR);
  return outcome(connection.receive({static_cast<std::byte*>(into), size}));
}

int __wrap_shutdown(int fd, int how);
int __wrap_shutdown(int fd, int how) {
  Kernel& kernel = Kernel::entered();
  if (how != SHUT_WR) kernel.fail("more than the writing half was shut down");
  return status(kernel.file<Connection>(fd).shutdown_write());
}

int __wrap_setsockopt(int fd, int level, int name, const void* value, socklen_t size);
int __wrap_setsockopt(int fd, int level, int name, const void* value, socklen_t) {
  auto& connection = Kernel::entered().file<Connection>(fd);
  if (level == SOL_SOCKET && name == SO_KEEPALIVE) std::memcpy(&connection.keeps_alive, value, 1);
  if (level == SOL_SOCKET && name == SO_OOBINLINE) std::memcpy(&connection.keeps_urgent_inline, value, 1);
  if (level != SOL_SOCKET || name != SO_LINGER) return 0;
  linger how{};
  std::memcpy(&how, value, sizeof how);
  connection.resets_on_close = how.l_onoff != 0 && how.l_linger == 0;
  return 0;
}

int __wrap_getsockopt(int fd, int level, int name, void* value, socklen_t* size);
int __wrap_getsockopt(int fd, int level, int name, void* value, socklen_t* size) {
  Kernel& kernel = Kernel::entered();
  return status(get_option(kernel, kernel.file<Connection>(fd), level, name, value, size));
}

int __wrap_getsockname(int fd, sockaddr* address, socklen_t* size);
int __wrap_getsockname(int fd, sockaddr* address, socklen_t* size) {
  put_address(Kernel::entered().file<Connection>(fd).local_port, address, size);
  return 0;
}

int __wrap_getpeername(int fd, sockaddr* address, socklen_t* size);
int __wrap_getpeername(int fd, sockaddr* address, socklen_t* size) {
  const auto& connection = Kernel::entered().file<Connection>(fd);
  if (connection.is_lost()) return status(ENOTCONN);
  put_address(connection.peer_port, address, size);
  return 0;
}

int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...) {
  va_list arguments;
  va_start(arguments, request);
  void* value = va_arg(arguments, void*);
  va_end(arguments);
  if (!Kernel::is_fake(fd)) return __real_ioctl(fd, request, value);
  Kernel& kernel = Kernel::entered();
  if (request != SIOCOUTQ) return status(EINVAL);
  const auto bytes = static_cast<int>(kernel.file<Connection>(fd).unacknowledged());
  std::memcpy(value, &bytes, sizeof bytes);
  return 0;
}

}  // extern "C"

}  // namespace amb::sim
