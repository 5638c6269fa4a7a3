// SPDX-License-Identifier: Apache-2.0
#include "net/listening.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "net/socket.h"

namespace amb {

namespace {

constexpr int kBacklog = 4096;  // the kernel lowers it to net.core.somaxconn

std::unexpected<Error> cannot_listen(const SocketAddress& address, int error) {
  return std::unexpected(Error{"cannot listen on", error, address.to_string()});
}

bool enable(int fd, int level, int option, int value = 1) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

Result<UniqueFd> bind_ip(const SocketAddress& address, PortClaim claim) {
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return cannot_listen(address, errno);
  enable(fd.borrow(), SOL_SOCKET, SO_REUSEADDR);  // a port in TIME_WAIT is free for us
  if (claim == PortClaim::shared) enable(fd.borrow(), SOL_SOCKET, SO_REUSEPORT);
  if (address.family() == AF_INET6) {
    enable(fd.borrow(), IPPROTO_IPV6, IPV6_V6ONLY, address.is_unspecified() ? 0 : 1);
  }
  tune_stream(fd.borrow());
  reset_on_close(fd.borrow());  // for those that are accepted
  if (::bind(fd.borrow(), address.raw(), address.raw_size()) != 0) return cannot_listen(address, errno);
  return fd;
}

Result<BoundListener> bind_every_worker(const SocketAddress& address, unsigned workers, PortClaim claim) {
  BoundListener bound{.address = {}, .sockets = {}, .is_shared = claim == PortClaim::shared};
  auto first = bind_ip(address, claim);
  if (!first) return std::unexpected(first.error());
  // Siblings may join a bound socket that turns SO_REUSEPORT on afterwards.
  enable(first->borrow(), SOL_SOCKET, SO_REUSEPORT);
  bound.address = local_address(first->borrow());
  bound.sockets.push_back(std::move(*first));
  while (bound.sockets.size() < workers) {
    auto sibling = bind_ip(bound.address, PortClaim::shared);
    if (!sibling) return std::unexpected(sibling.error());
    bound.sockets.push_back(std::move(*sibling));
  }
  return bound;
}

Result<BoundListener> bind_path(const SocketAddress& address) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return cannot_listen(address, errno);
  auto place = UnixPlace::bind(fd.borrow(), address);
  if (!place) return std::unexpected(place.error());
  BoundListener bound{.address = address, .sockets = {}, .place = std::move(*place)};
  bound.sockets.push_back(std::move(fd));
  return bound;
}

}  // namespace

Result<BoundListener> bind_listener(const SocketAddress& address, unsigned workers, PortClaim claim) {
  if (address.is_unix()) return bind_path(address);
  auto bound = bind_every_worker(address, workers, claim);
  const bool no_ipv6 = !bound && (bound.error().code == EAFNOSUPPORT || bound.error().code == EADDRNOTAVAIL);
  if (no_ipv6 && address.family() == AF_INET6 && address.is_unspecified()) {
    return bind_every_worker(*SocketAddress::from_ip("0.0.0.0", address.port()), workers, claim);
  }
  return bound;
}

Result<void> start_listening(const BoundListener& listener) {
  for (const UniqueFd& fd : listener.sockets) {
    // The first listens without SO_REUSEPORT: two programs may both have bound the address while neither
    // listened, and this is where the second one must fail. Its siblings then find it shared.
    const bool is_first = &fd == &listener.sockets.front() && !listener.is_shared;
    if (is_first) enable(fd.borrow(), SOL_SOCKET, SO_REUSEPORT, 0);
    if (::listen(fd.borrow(), kBacklog) != 0) return cannot_listen(listener.address, errno);
    if (is_first) enable(fd.borrow(), SOL_SOCKET, SO_REUSEPORT);
  }
  return {};
}

/// Linux ends the listening of a TCP socket that is shut down for reading and leaves it bound
/// (docs/decisions/0014). HAProxy pauses its listeners in the same way.
bool stop_listening(int fd) {
  int domain = AF_UNIX;
  socklen_t size = sizeof domain;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain == AF_UNIX) return false;
  // Of two sockets that do not listen, both with SO_REUSEADDR, the kernel would let the other have the port.
  enable(fd, SOL_SOCKET, SO_REUSEADDR, 0);
  return ::shutdown(fd, SHUT_RD) == 0;
}

bool listen_again(int fd) {
  enable(fd, SOL_SOCKET, SO_REUSEADDR);
  return ::listen(fd, kBacklog) == 0;
}

}  // namespace amb
