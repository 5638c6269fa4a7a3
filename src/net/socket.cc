// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>
#include <vector>

#include "base/small_file.h"
#include "base/text.h"

namespace amb {

namespace {

// Dead peers behind an idle connection are found after 60 + 6 * 10 s; live ones cost one segment a minute.
constexpr int kKeepaliveIdleSeconds = 60;
constexpr int kKeepaliveIntervalSeconds = 10;
constexpr int kKeepaliveProbes = 6;

// One window probe may be on its way at any time; three unanswered in a row are silence.
constexpr unsigned kUnansweredProbes = 3;

template <class Call>
auto retry_on_interrupt(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) return result;
  }
}

/// The first and the last port that connect() may choose, ip(7).
std::pair<std::uint16_t, std::uint16_t> given_ports() {
  const auto text = read_small_file("/proc/sys/net/ipv4/ip_local_port_range", 64);
  const auto words = text ? split(trim(*text), '\t') : std::vector<std::string_view>();
  if (words.size() != 2) return {0, 65535};
  return {parse_number<std::uint16_t>(words[0]).value_or(0),
          parse_number<std::uint16_t>(trim(words[1])).value_or(65535)};
}

void set_option(int fd, int level, int name, int value) {
  (void)::setsockopt(fd, level, name, &value, sizeof value);  // a refusal costs latency, not correctness
}

bool set_linger(int fd, int is_on) {
  const linger at_once{.l_onoff = is_on, .l_linger = 0};
  return ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0;
}

/// An urgent byte stays in the stream instead of vanishing from it, as RFC 6093 advises: its urgency is lost,
/// nothing else. UNIX sockets have them too, since Linux 5.15.
void keep_urgent_inline(int fd) { set_option(fd, SOL_SOCKET, SO_OOBINLINE, 1); }

}  // namespace

IoResult try_receive(int fd, std::span<std::byte> into) {
  const ssize_t count = retry_on_interrupt([&] { return ::recv(fd, into.data(), into.size(), 0); });
  if (count > 0) return IoResult::done(static_cast<std::size_t>(count));
  if (count == 0) return IoResult::end();
  return errno == EAGAIN ? IoResult::would_block() : IoResult::failed(errno);
}

IoResult try_send(int fd, std::span<const std::byte> bytes) {
  const ssize_t count =
      retry_on_interrupt([&] { return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
  if (count >= 0) return IoResult::done(static_cast<std::size_t>(count));
  return errno == EAGAIN ? IoResult::would_block() : IoResult::failed(errno);
}

AcceptResult try_accept(int listener) {
  sockaddr_storage peer;
  socklen_t size = sizeof peer;
  auto* raw = reinterpret_cast<sockaddr*>(&peer);
  const int fd =
      retry_on_interrupt([&] { return ::accept4(listener, raw, &size, SOCK_NONBLOCK | SOCK_CLOEXEC); });
  if (fd >= 0) {
    if (peer.ss_family == AF_UNIX) keep_urgent_inline(fd);  // inherited by none of these
    return {IoResult::done(0), UniqueFd(fd), SocketAddress::from_kernel(raw, size)};
  }
  return {errno == EAGAIN ? IoResult::would_block() : IoResult::failed(errno), UniqueFd(), {}};
}

AcceptFailure accept_failure(int error) {
  switch (error) {
    // accept(2), "Error handling": errors already pending on the new socket come out of accept.
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
    case EOPNOTSUPP:
    case ETIMEDOUT:
      return AcceptFailure::skip;
    default:
      return AcceptFailure::out_of_resources;
  }
}

ConnectResult try_connect(const SocketAddress& to) {
  UniqueFd fd(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return {IoResult::failed(errno), UniqueFd()};
  keep_urgent_inline(fd.borrow());
  if (to.is_ip()) (void)set_linger(fd.borrow(), 1);  // who resets a session makes sure of it
  // Not retried on EINTR: an interrupted connect goes on by itself, connect(2).
  if (::connect(fd.borrow(), to.raw(), to.raw_size()) == 0) return {IoResult::done(0), std::move(fd)};
  if (errno == EINPROGRESS || errno == EINTR) return {IoResult::would_block(), std::move(fd)};
  return {IoResult::failed(errno), UniqueFd()};
}

int connect_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

bool may_meet_itself(std::uint16_t port) {
  static const auto [first, last] = given_ports();
  return first <= port && port <= last;
}

bool is_self_connected(int fd, std::uint16_t peer_port) {
  const SocketAddress local = local_address(fd);
  if (!local.is_ip() || local.port() != peer_port) return false;
  sockaddr_storage peer;
  socklen_t size = sizeof peer;
  auto* raw = reinterpret_cast<sockaddr*>(&peer);
  return ::getpeername(fd, raw, &size) == 0 && local == SocketAddress::from_kernel(raw, size);
}

bool was_reset(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error != 0;
}

int shutdown_write(int fd) { return ::shutdown(fd, SHUT_WR) == 0 ? 0 : errno; }

void reset_on_close(int fd) {
  if (set_linger(fd, 1)) return;
  // Refused, by a filter perhaps. To dissolve the connection resets it too, now rather than on close.
  const sockaddr nobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  (void)::connect(fd, &nobody, sizeof nobody);
}

bool end_on_close(int fd) { return set_linger(fd, 0); }

std::size_t unacknowledged_bytes(int fd) {
  int bytes = 0;
  return ::ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
}

PeerSilence peer_silence(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return {info.tcpi_unacked > 0 || info.tcpi_probes >= kUnansweredProbes, info.tcpi_notsent_bytes > 0,
          std::chrono::milliseconds(info.tcpi_last_ack_recv)};
}

PathQuality path_quality(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  return {true, std::chrono::microseconds(info.tcpi_rtt), info.tcpi_total_retrans};
}

SocketAddress local_address(int fd) {
  sockaddr_storage local;
  socklen_t size = sizeof local;
  auto* raw = reinterpret_cast<sockaddr*>(&local);
  return ::getsockname(fd, raw, &size) == 0 ? SocketAddress::from_kernel(raw, size) : SocketAddress();
}

void send_at_once(int fd) { set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); }

void keep_alive(int fd) {
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepaliveIdleSeconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepaliveIntervalSeconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
}

void tune_stream(int fd) {
  send_at_once(fd);
  keep_urgent_inline(fd);
  keep_alive(fd);
}

}  // namespace amb
