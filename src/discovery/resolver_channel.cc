// SPDX-License-Identifier: Apache-2.0
#include "discovery/resolver_channel.h"

#include <ares.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "discovery/dns_datagram.h"

namespace amb {

namespace {

namespace asio = boost::asio;

// Between two looks at what else there is to do.
constexpr int kMostDroppedDatagrams = 64;

// Docker's embedded name server says 600 s of every container. It is local and cheap to ask, and its answer
// is stale the moment a container is made anew, which is within seconds of the old one's end.
constexpr std::string_view kDockerServer = "127.0.0.11";
constexpr std::chrono::seconds kDockerTtl{5};

}  // namespace

struct ResolverChannel::Socket {
  Socket(asio::io_context& io, int fd) : descriptor(io) {
    boost::system::error_code error;
    descriptor.assign(fd, error);  // one that epoll does not take is not heard: the question times out
  }
  ~Socket() { release(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void release() {
    if (descriptor.is_open()) descriptor.release();  // c-ares closes it
  }

  asio::posix::stream_descriptor descriptor;
  bool wants_read = false;
  bool wants_write = false;
  bool reading = false;
  bool writing = false;
};

ResolverChannel::~ResolverChannel() { AMB_CHECK(is_closed()); }

void ResolverChannel::close() {
  is_finished_ = true;
  if (auto* channel = std::exchange(channel_, nullptr)) ::ares_destroy(channel);
}

int ResolverChannel::open(ResolvConf conf) {
  conf_ = std::move(conf);
  // With every one of these said, c-ares reads neither resolv.conf nor nsswitch.conf nor the environment.
  std::string lookups = "b";
  in_addr placeholder{};
  ares_options options{};
  options.flags = ARES_FLAG_NOALIASES | (conf_.uses_tcp ? ARES_FLAG_USEVC : 0);
  options.timeout = static_cast<int>(conf_.timeout.count());
  options.tries = conf_.attempts;
  options.lookups = lookups.data();
  options.servers = &placeholder;
  options.nservers = 1;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<ResolverChannel*>(self)->on_socket_state(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_DOMAINS |
                   ARES_OPT_LOOKUPS | ARES_OPT_SORTLIST | ARES_OPT_SERVERS | ARES_OPT_NOROTATE |
                   ARES_OPT_SOCK_STATE_CB;
  int status = ::ares_init_options(&channel_, &options, mask);
  if (status != ARES_SUCCESS) {
    channel_ = nullptr;
    return status;
  }
  ::ares_set_socket_functions(channel_, &socket_functions(), this);
  status = use_servers();
  if (status != ARES_SUCCESS) close();
  return status;
}

int ResolverChannel::use_servers() {
  std::vector<ares_addr_port_node> nodes(conf_.servers.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const SocketAddress& server = conf_.servers[i];
    nodes[i] = {};
    nodes[i].next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
    nodes[i].family = server.family();
    nodes[i].udp_port = nodes[i].tcp_port = server.port();
    if (server.family() == AF_INET) {
      std::memcpy(&nodes[i].addr, &reinterpret_cast<const sockaddr_in*>(server.raw())->sin_addr,
                  sizeof(in_addr));
    } else {
      std::memcpy(&nodes[i].addr, &reinterpret_cast<const sockaddr_in6*>(server.raw())->sin6_addr,
                  sizeof(in6_addr));
    }
  }
  return ::ares_set_servers_ports(channel_, nodes.data());
}

/// One for each server, and one for an answer that is too long for a datagram.
int ResolverChannel::open_socket(int family, int type) {
  if (open_sockets_ > conf_.servers.size()) {
    errno = EMFILE;
    return -1;
  }
  const int fd = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0) ++open_sockets_;
  return fd;
}

/// c-ares knows no zones: "fe80::1%eth0" has it from resolv.conf.
int ResolverChannel::connect_socket(int fd, const sockaddr* address, unsigned size) const {
  const SocketAddress wanted = SocketAddress::from_kernel(address, size);
  for (const SocketAddress& server : conf_.servers) {
    if (wanted.is_link_local() && server.same_host(wanted))
      return ::connect(fd, server.with_port(wanted.port()).raw(), server.raw_size());
  }
  return ::connect(fd, address, size);
}

/// Of a stream as it comes; of datagrams, which have a sender, the next that is an answer.
std::ptrdiff_t ResolverChannel::receive(int fd, std::span<unsigned char> bytes, sockaddr* from,
                                        unsigned* from_size) {
  if (from == nullptr) return ::recv(fd, bytes.data(), bytes.size(), 0);
  const unsigned size = *from_size;
  for (int dropped = 0; dropped < kMostDroppedDatagrams; ++dropped) {
    *from_size = size;
    const ssize_t count = ::recvfrom(fd, bytes.data(), bytes.size(), 0, from, from_size);
    if (count < 0 || is_answer({bytes.data(), static_cast<std::size_t>(count)})) return count;
  }
  errno = EAGAIN;
  return -1;
}

const ares_socket_functions& ResolverChannel::socket_functions() {
  static constexpr ares_socket_functions kFunctions = {
      .asocket = [](int family, int type, int,
                    void* self) { return static_cast<ResolverChannel*>(self)->open_socket(family, type); },
      .aclose =
          [](ares_socket_t fd, void* self) {
            --static_cast<ResolverChannel*>(self)->open_sockets_;
            return ::close(fd);
          },
      .aconnect =
          [](ares_socket_t fd, const sockaddr* address, ares_socklen_t size, void* self) {
            return static_cast<const ResolverChannel*>(self)->connect_socket(fd, address, size);
          },
      .arecvfrom = [](ares_socket_t fd, void* bytes, std::size_t size, int, sockaddr* from,
                      ares_socklen_t* from_size, void*) -> ares_ssize_t {
        return receive(fd, {static_cast<unsigned char*>(bytes), size}, from, from_size);
      },
      .asendv = [](ares_socket_t fd, const iovec* parts, int count, void*) -> ares_ssize_t {
        msghdr message{};
        message.msg_iov = const_cast<iovec*>(parts);
        message.msg_iovlen = static_cast<std::size_t>(count);
        // On a datagram socket this is the error of the datagram before, which c-ares would take for this
        // one's and move this question alone to the next server. Sent again, both meet the refusal at the
        // next receive.
        const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
        return sent < 0 && errno == ECONNREFUSED ? ::sendmsg(fd, &message, MSG_NOSIGNAL) : sent;
      }};
  return kFunctions;
}

void ResolverChannel::on_socket_state(int fd, bool readable, bool writable) {
  if (!readable && !writable) {
    // At once, even if a handler still holds it: c-ares may open its next socket under the same number.
    if (const auto closed = sockets_.find(fd); closed != sockets_.end()) closed->second->release();
    sockets_.erase(fd);
    return;
  }
  auto& socket = sockets_[fd];
  if (!socket) socket = std::make_shared<Socket>(io_, fd);
  socket->wants_read = readable;
  socket->wants_write = writable;
  wait_for(fd, socket);
}

auto ResolverChannel::handler(int fd, const std::weak_ptr<Socket>& weak, bool Socket::* waiting) {
  return [self = shared_from_this(), fd, weak, waiting](const boost::system::error_code& error) {
    auto socket = weak.lock();
    if (!socket || self->is_finished_) return;
    (*socket).*waiting = false;
    if (error == asio::error::operation_aborted) return;
    const bool is_read = waiting == &Socket::reading;
    ::ares_process_fd(self->channel_, is_read ? fd : ARES_SOCKET_BAD, is_read ? ARES_SOCKET_BAD : fd);
    const auto now = self->sockets_.find(fd);
    if (!self->is_finished_ && now != self->sockets_.end() && now->second == socket)
      self->wait_for(fd, socket);
  };
}

void ResolverChannel::wait_for(int fd, const std::shared_ptr<Socket>& socket) {
  using Descriptor = asio::posix::stream_descriptor;
  if (!socket->descriptor.is_open()) return;
  if (socket->wants_read && !std::exchange(socket->reading, true))
    socket->descriptor.async_wait(Descriptor::wait_read, handler(fd, socket, &Socket::reading));
  if (socket->wants_write && !std::exchange(socket->writing, true))
    socket->descriptor.async_wait(Descriptor::wait_write, handler(fd, socket, &Socket::writing));
}

void ResolverChannel::wait() {
  timeval until{};
  if (is_finished_ || ::ares_timeout(channel_, nullptr, &until) == nullptr) return;
  timer_.expires_after(std::chrono::seconds(until.tv_sec) + std::chrono::microseconds(until.tv_usec + 1000));
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->is_finished_) return;
    ::ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    self->wait();
  });
}

/// The channel must not be destroyed inside its own callback, and the asker hears nothing before it has
/// returned from asking.
void ResolverChannel::finish(std::move_only_function<void()> tell) {
  is_finished_ = true;
  asio::post(io_, [self = shared_from_this(), tell = std::move(tell)]() mutable {
    self->timer_.cancel();
    for (const auto& [fd, socket] : self->sockets_) socket->descriptor.cancel();
    tell();
  });
}

std::chrono::seconds ResolverChannel::cap_ttl(std::chrono::seconds ttl) const {
  const bool asks_docker = std::ranges::count(conf_.servers, kDockerServer, &SocketAddress::host) != 0;
  return asks_docker ? std::min(ttl, kDockerTtl) : ttl;
}

}  // namespace amb
