// SPDX-License-Identifier: Apache-2.0
#include "discovery/name_lookup.h"

#include <ares.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <utility>

namespace amb {

namespace {

namespace asio = boost::asio;

// A server that does not answer within this is asked once more; a session waits for three seconds in all.
constexpr int kServerTimeoutMs = 1000;
constexpr int kTries = 2;

/// Keeps itself alive through the handlers that it has pending, and dies with the last of them.
class Lookup : public std::enable_shared_from_this<Lookup> {
 public:
  Lookup(asio::io_context& io, std::move_only_function<void(NameAnswer)> on_answer)
      : io_(io), timer_(io), on_answer_(std::move(on_answer)) {}
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  ~Lookup() {
    if (channel_ != nullptr) ::ares_destroy(channel_);
  }

  void start(const std::string& name) {
    ares_options options{};
    options.timeout = kServerTimeoutMs;
    options.tries = kTries;
    options.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
      static_cast<Lookup*>(self)->on_socket_state(fd, readable != 0, writable != 0);
    };
    options.sock_state_cb_data = this;
    const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (const int status = ::ares_init_options(&channel_, &options, mask); status != ARES_SUCCESS) {
      channel_ = nullptr;
      return finish({.error = ::ares_strerror(status)});
    }
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    ::ares_getaddrinfo(
        channel_, name.c_str(), nullptr, &hints,
        [](void* self, int status, int, ares_addrinfo* result) {
          static_cast<Lookup*>(self)->on_result(status, result);
        },
        this);
    wait_for_timeout();
  }

 private:
  struct Socket {
    explicit Socket(asio::io_context& io, int fd) : descriptor(io, fd) {}
    ~Socket() { release(); }
    void release() {
      if (descriptor.is_open()) descriptor.release();  // c-ares closes it
    }
    asio::posix::stream_descriptor descriptor;
    bool wants_read = false;
    bool wants_write = false;
    bool reading = false;
    bool writing = false;
  };

  void on_socket_state(int fd, bool readable, bool writable) {
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

  auto handler(int fd, const std::weak_ptr<Socket>& weak, bool Socket::* waiting) {
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

  void wait_for(int fd, const std::shared_ptr<Socket>& socket) {
    using Descriptor = asio::posix::stream_descriptor;
    if (socket->wants_read && !std::exchange(socket->reading, true)) {
      socket->descriptor.async_wait(Descriptor::wait_read, handler(fd, socket, &Socket::reading));
    }
    if (socket->wants_write && !std::exchange(socket->writing, true)) {
      socket->descriptor.async_wait(Descriptor::wait_write, handler(fd, socket, &Socket::writing));
    }
  }

  void wait_for_timeout() {
    timeval until{};
    if (is_finished_ || ::ares_timeout(channel_, nullptr, &until) == nullptr) return;
    timer_.expires_after(std::chrono::seconds(until.tv_sec) +
                         std::chrono::microseconds(until.tv_usec + 1000));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error || self->is_finished_) return;
      ::ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      self->wait_for_timeout();
    });
  }

  void on_result(int status, ares_addrinfo* result) {
    NameAnswer answer;
    if (status == ARES_EDESTRUCTION) return;
    if (status == ARES_SUCCESS) {
      read_addresses(*result, answer);
      ::ares_freeaddrinfo(result);
    }
    const bool is_empty = status == ARES_SUCCESS && answer.addresses.empty();
    if (is_empty || status == ARES_ENOTFOUND || status == ARES_ENODATA) answer.kind = NameAnswer::Kind::none;
    if (answer.kind != NameAnswer::Kind::found)
      answer.error = ::ares_strerror(is_empty ? ARES_ENODATA : status);
    finish(std::move(answer));
  }

  static void read_addresses(const ares_addrinfo& result, NameAnswer& answer) {
    for (const ares_addrinfo_node* node = result.nodes; node != nullptr; node = node->ai_next) {
      const auto address = SocketAddress::from_kernel(node->ai_addr, node->ai_addrlen);
      if (!address.is_ip() || std::ranges::count(answer.addresses, address) != 0) continue;
      const std::chrono::seconds ttl(node->ai_ttl);
      answer.ttl = answer.addresses.empty() ? ttl : std::min(answer.ttl, ttl);
      answer.addresses.push_back(address);
      answer.kind = NameAnswer::Kind::found;
    }
  }

  /// The channel must not be destroyed inside its own callback, and the caller hears nothing before start()
  /// has returned.
  void finish(NameAnswer answer) {
    is_finished_ = true;
    asio::post(io_, [self = shared_from_this(), answer = std::move(answer)]() mutable {
      self->timer_.cancel();
      for (const auto& [fd, socket] : self->sockets_) socket->descriptor.cancel();
      self->on_answer_(std::move(answer));
    });
  }

  asio::io_context& io_;
  asio::steady_timer timer_;
  std::move_only_function<void(NameAnswer)> on_answer_;
  ares_channel channel_ = nullptr;
  std::map<int, std::shared_ptr<Socket>> sockets_;
  bool is_finished_ = false;
};

}  // namespace

void look_up_name(asio::io_context& io, const std::string& name,
                  std::move_only_function<void(NameAnswer)> on_answer) {
  std::make_shared<Lookup>(io, std::move(on_answer))->start(name);
}

}  // namespace amb
