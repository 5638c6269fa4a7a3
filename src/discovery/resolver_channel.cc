// SPDX-License-Identifier: Apache-2.0
#include "discovery/resolver_channel.h"

#include <ares.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace amb {

namespace {

namespace asio = boost::asio;

// A server that does not answer within this is asked once more; a session waits for three seconds in all.
constexpr int kServerTimeoutMs = 1000;
constexpr int kTries = 2;

// Docker's embedded name server says 600 s of every container. It is local and cheap to ask, and its answer
// is stale the moment a container is made anew, which is within seconds of the old one's end.
constexpr std::array<unsigned char, 4> kDockerServer = {127, 0, 0, 11};
constexpr std::chrono::seconds kDockerTtl{5};

/// c-ares opens these itself, and would wait for the writer of a FIFO for ever.
bool can_be_opened(const char* path) {
  struct stat about{};
  return ::stat(path, &about) != 0 || S_ISREG(about.st_mode);
}

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

int ResolverChannel::open(SearchList search_list) {
  if (!can_be_opened("/etc/hosts") || !can_be_opened("/etc/resolv.conf")) return ARES_EFILE;
  ares_options options{};
  options.timeout = kServerTimeoutMs;
  options.tries = kTries;
  options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<ResolverChannel*>(self)->on_socket_state(fd, readable != 0, writable != 0);
  };
  options.sock_state_cb_data = this;
  int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
  if (search_list == SearchList::ignored) mask |= ARES_OPT_DOMAINS;  // and there is none in `options`
  const int status = ::ares_init_options(&channel_, &options, mask);
  if (status != ARES_SUCCESS) channel_ = nullptr;
  return status;
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

bool ResolverChannel::asks_docker() const {
  ares_addr_port_node* servers = nullptr;
  if (::ares_get_servers_ports(channel_, &servers) != ARES_SUCCESS) return false;
  bool found = false;
  for (const auto* server = servers; server != nullptr; server = server->next) {
    found = found || (server->family == AF_INET &&
                      std::memcmp(&server->addr.addr4, kDockerServer.data(), kDockerServer.size()) == 0);
  }
  ::ares_free_data(servers);
  return found;
}

std::chrono::seconds ResolverChannel::cap_ttl(std::chrono::seconds ttl) const {
  return asks_docker() ? std::min(ttl, kDockerTtl) : ttl;
}

}  // namespace amb
