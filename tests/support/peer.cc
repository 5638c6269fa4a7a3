// SPDX-License-Identifier: Apache-2.0
#include "support/peer.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "net/socket.h"

namespace amb::test {

namespace {

constexpr int kDeadlineSeconds = 10;
constexpr std::size_t kChunk = 64 * 1024;

SocketAddress any_loopback() { return *SocketAddress::from_ip("127.0.0.1", 0); }

std::string error_text() { return std::strerror(errno); }

std::vector<std::byte> pattern_bytes(std::uint64_t stream, std::uint64_t from, std::size_t bytes) {
  const Pattern pattern(stream);
  std::vector<std::byte> out(bytes);
  for (std::size_t i = 0; i < bytes; ++i) out[i] = pattern.at(from + i);
  return out;
}

}  // namespace

std::byte Pattern::at(std::uint64_t place) const {
  const std::uint64_t mixed = (place / 8 + stream_ * 0x9E3779B97F4A7C15ULL) * 0xBF58476D1CE4E5B9ULL;
  return static_cast<std::byte>(mixed >> (8 * (place % 8)));
}

Peer::Peer(UniqueFd fd) : fd_(std::move(fd)) {
  const timeval deadline{.tv_sec = kDeadlineSeconds, .tv_usec = 0};
  (void)::setsockopt(fd_.borrow(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  (void)::setsockopt(fd_.borrow(), SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  if (local().is_ip()) tune_stream(fd_.borrow());
}

Peer Peer::connect_to(const SocketAddress& address) { return connect_to(address, 0); }

Peer Peer::connect_to(const SocketAddress& address, int receive_buffer_bytes) {
  UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (receive_buffer_bytes != 0) {
    (void)::setsockopt(fd.borrow(), SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes,
                       sizeof receive_buffer_bytes);
  }
  const bool is_connected = ::connect(fd.borrow(), address.raw(), address.raw_size()) == 0;
  const bool was_reset = !is_connected && errno == ECONNRESET;
  EXPECT_TRUE(is_connected || was_reset) << "connect to " << address.to_string() << ": " << error_text();
  Peer peer(std::move(fd));
  peer.was_reset_ = was_reset;
  return peer;
}

void Peer::sends(std::string_view text) {
  EXPECT_EQ(::send(fd_.borrow(), text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text)) << error_text();
}

void Peer::sends_pattern(std::uint64_t stream, std::size_t bytes) {
  for (std::size_t sent = 0; sent < bytes;) {
    const auto chunk = pattern_bytes(stream, sent, std::min(kChunk, bytes - sent));
    const ssize_t count = ::send(fd_.borrow(), chunk.data(), chunk.size(), MSG_NOSIGNAL);
    if (count <= 0) {
      ADD_FAILURE() << "sending stopped after " << sent << " of " << bytes << " bytes: " << error_text();
      return;
    }
    sent += static_cast<std::size_t>(count);
  }
}

std::size_t Peer::sends_until_full(std::uint64_t stream) {
  std::size_t sent = 0;
  auto chunk = pattern_bytes(stream, sent, kChunk);
  for (int idle = 0; idle < 20;) {  // full is: nothing taken for 20 looks of 5 ms
    const ssize_t count = ::send(fd_.borrow(), chunk.data(), chunk.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
      chunk = pattern_bytes(stream, sent, kChunk);
      idle = 0;
    } else if (errno == ECONNRESET || errno == EPIPE) {
      was_reset_ = errno == ECONNRESET;
      return sent;
    } else {
      pollfd writable{.fd = fd_.borrow(), .events = POLLOUT, .revents = 0};
      if (::poll(&writable, 1, 5) == 0) ++idle;
    }
  }
  return sent;
}

void Peer::ends() { EXPECT_EQ(::shutdown(fd_.borrow(), SHUT_WR), 0) << error_text(); }

void Peer::resets() {
  reset_on_close(fd_.borrow());
  fd_.reset();
}

void Peer::closes() { fd_.reset(); }

void Peer::expects(std::string_view text) {
  std::string got(text.size(), '\0');
  const ssize_t count = ::recv(fd_.borrow(), got.data(), got.size(), MSG_WAITALL);
  got.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  EXPECT_EQ(got, text) << (count < 0 ? error_text() : count == 0 ? "end" : "");
}

void Peer::expects_pattern(std::uint64_t stream, std::size_t bytes, std::uint64_t from) {
  std::vector<std::byte> got(kChunk);
  for (std::size_t done = 0; done < bytes;) {
    const ssize_t count = ::recv(fd_.borrow(), got.data(), std::min(kChunk, bytes - done), 0);
    if (count <= 0) {
      ADD_FAILURE() << "after " << done << " of " << bytes
                    << " bytes: " << (count == 0 ? "end" : error_text());
      return;
    }
    const auto wanted = pattern_bytes(stream, from + done, static_cast<std::size_t>(count));
    if (std::memcmp(got.data(), wanted.data(), wanted.size()) != 0) {
      ADD_FAILURE() << "wrong bytes between " << done << " and " << done + wanted.size();
      return;
    }
    done += static_cast<std::size_t>(count);
  }
}

void Peer::expects_end() {
  std::byte got{};
  const ssize_t count = ::recv(fd_.borrow(), &got, 1, 0);
  EXPECT_EQ(count, 0) << "expected the end, got " << (count < 0 ? error_text() : "a byte");
}

void Peer::expects_reset() {
  if (was_reset_) return;
  std::byte got{};
  const ssize_t count = ::recv(fd_.borrow(), &got, 1, 0);
  const int error = errno;
  EXPECT_TRUE(count < 0 && error == ECONNRESET) << "expected a reset, got "
                                                << (count < 0    ? std::strerror(error)
                                                    : count == 0 ? "the end"
                                                                 : "a byte");
}

Peer::Rest Peer::reads_rest(std::uint64_t stream) {
  Rest rest;
  std::vector<std::byte> got(kChunk);
  for (;;) {
    const ssize_t count = ::recv(fd_.borrow(), got.data(), got.size(), 0);
    if (count <= 0) {
      rest.was_reset = count < 0 && errno == ECONNRESET;
      EXPECT_TRUE(count == 0 || rest.was_reset) << error_text();
      return rest;
    }
    const auto wanted = pattern_bytes(stream, rest.bytes, static_cast<std::size_t>(count));
    EXPECT_EQ(std::memcmp(got.data(), wanted.data(), wanted.size()), 0) << "wrong bytes after " << rest.bytes;
    rest.bytes += static_cast<std::size_t>(count);
  }
}

void Peer::has_nothing_to_read() {
  std::byte got{};
  const ssize_t count = ::recv(fd_.borrow(), &got, 1, MSG_DONTWAIT | MSG_PEEK);
  EXPECT_TRUE(count < 0 && errno == EAGAIN) << "there is something to read: " << count;
}

void Peer::waits_until_delivered() {
  EXPECT_TRUE(eventually([&] { return unacknowledged_bytes(fd_.borrow()) == 0; }))
      << unacknowledged_bytes(fd_.borrow()) << " bytes are still unacknowledged";
}

SocketAddress Peer::local() const { return local_address(fd_.borrow()); }

Provider::Provider() : Provider(any_loopback()) {}

Provider::Provider(const SocketAddress& address) {
  fd_ = UniqueFd(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  (void)::setsockopt(fd_.borrow(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  EXPECT_EQ(::bind(fd_.borrow(), address.raw(), address.raw_size()), 0) << error_text();
  EXPECT_EQ(::listen(fd_.borrow(), 1024), 0) << error_text();
  address_ = local_address(fd_.borrow());
}

Peer Provider::accepts() {
  pollfd visitor{.fd = fd_.borrow(), .events = POLLIN, .revents = 0};
  if (::poll(&visitor, 1, kDeadlineSeconds * 1000) != 1) {
    ADD_FAILURE() << "nobody came";
    return Peer();
  }
  return Peer(UniqueFd(::accept4(fd_.borrow(), nullptr, nullptr, SOCK_CLOEXEC)));
}

void Provider::has_room_for_one() { EXPECT_EQ(::listen(fd_.borrow(), 0), 0) << error_text(); }

bool Provider::has_visitor() const {
  pollfd visitor{.fd = fd_.borrow(), .events = POLLIN, .revents = 0};
  return ::poll(&visitor, 1, 0) == 1;
}

bool wait_a_moment(int& attempts) {
  ::usleep(5000);
  return ++attempts < kDeadlineSeconds * 200;
}

}  // namespace amb::test
