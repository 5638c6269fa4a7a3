// SPDX-License-Identifier: Apache-2.0
#include "health/conversation.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <utility>

#include "base/await.h"

namespace amb {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 4096;

// For a server that is still sending when all is known: it has most of a page in the kernel's buffers
// already.
constexpr std::size_t kMostLeftBytes = 32 * 1024;
constexpr std::chrono::milliseconds kLongestEnd{100};

/// Nobody listens there, and no UNIX path leads to anybody.
bool is_absent(const error_code& error) {
  return error.category() == asio::error::get_system_category() &&
         (error.value() == ECONNREFUSED || error.value() == ENOENT);
}

/// What is short here says nothing about there: sessions would run dry for our own want of descriptors.
bool is_our_own(const error_code& error) {
  switch (error.value()) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:  // no local port is left
      return error.category() == asio::error::get_system_category();
    default:
      return false;
  }
}

}  // namespace

Conversation::Conversation(asio::io_context& io, std::chrono::milliseconds timeout)
    : socket_(io), deadline_(io), timeout_(timeout) {}

void Conversation::start_clock(std::chrono::steady_clock::time_point until) {
  deadline_.expires_at(until);
  deadline_.async_wait([weak = weak_from_this()](const error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->is_late_ = true;
    self->close();
  });
}

void Conversation::open(const Socket::endpoint_type& endpoint, error_code& error) {
  socket_.open(endpoint.protocol(), error);
  // Asio opens sockets without it; between the two nobody here calls exec.
  if (!error) (void)::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC);
}

asio::awaitable<std::optional<Verdict>> Conversation::connect(SocketAddress address) {
  const Socket::endpoint_type endpoint(address.raw(), address.raw_size());
  start_clock(std::chrono::steady_clock::now() + timeout_);
  error_code failed;
  open(endpoint, failed);
  if (!failed) {
    const auto [error] = co_await socket_.async_connect(endpoint, kAwait);
    failed = error;
  }
  // Asio takes EAGAIN, which is a UNIX socket's full backlog, for a connect under way, and then for done.
  Socket::endpoint_type remote;
  if (!failed) remote = socket_.remote_endpoint(failed);
  met_full_backlog_ = failed == asio::error::not_connected;
  connect_error_ = failed;
  if (failed) co_return connect_failure(failed);
  if (address.is_ip() && remote == socket_.local_endpoint(failed)) {
    co_return not_well("nobody listens there: the connection met itself");  // rule 15
  }
  is_connected_ = true;
  co_return std::nullopt;
}

Verdict Conversation::connect_failure(const error_code& error) const {
  if (is_late_) return failure();
  if (is_our_own(error)) return undecided("connecting: " + error.message());
  if (met_full_backlog_) return not_well("connecting: its backlog is full");
  if (is_absent(error)) return absent("connecting: " + error.message());
  return not_well("connecting: " + error.message());
}

asio::awaitable<void> Conversation::send(std::string bytes) {
  if (!can_send_) co_return;  // Asio would wait for a readiness that comes no more
  const auto [error, size] = co_await asio::async_write(socket_, asio::buffer(bytes), kAwait);
  can_send_ = !error;
}

/// Who sends one byte at a time has us read as often.
asio::awaitable<std::size_t> Conversation::read_into(asio::mutable_buffer space) {
  if (++reads_ > kMostReads) {
    object("its answer comes in more than 1,024 pieces");
    co_return 0;
  }
  const auto [error, count] = co_await socket_.async_read_some(space, kAwait);
  error_ = error;
  co_return error ? 0 : count;
}

asio::awaitable<bool> Conversation::read_more() {
  const std::size_t before = received_.size();
  if (before == kMostBytes) {
    object("its answer is longer than 64 KiB");
    co_return false;
  }
  received_.resize(before + std::min(kReadBytes, kMostBytes - before));
  const std::size_t count =
      co_await read_into(asio::buffer(received_.data() + before, received_.size() - before));
  received_.resize(before + count);
  co_return count > 0;
}

asio::awaitable<std::optional<std::string>> Conversation::read_line() {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = rest().find("\r\n", searched);
    if (end != std::string_view::npos) {
      std::string line(rest().substr(0, end));
      read_ += end + 2;
      co_return line;
    }
    searched = rest().empty() ? 0 : rest().size() - 1;  // the last byte may be a '\r'
    if (!co_await read_more()) co_return std::nullopt;
  }
}

asio::awaitable<std::optional<std::string>> Conversation::read_text_line(std::size_t most) {
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = rest().substr(0, most + 1).find('\n', searched);
    const bool is_whole = end != std::string_view::npos;
    if (is_whole || rest().size() > most) {
      std::string line(rest().substr(0, is_whole ? end : most));
      read_ += is_whole ? end + 1 : most;
      co_return line;
    }
    searched = rest().size();
    if (!co_await read_more()) co_return std::nullopt;
  }
}

asio::awaitable<std::optional<std::string>> Conversation::read_exactly(std::size_t size) {
  while (rest().size() < size) {
    if (size > kMostBytes - read_) object("its answer is longer than 64 KiB");
    if (!objection_.empty() || !co_await read_more()) co_return std::nullopt;
  }
  std::string bytes(rest().substr(0, size));
  read_ += size;
  co_return bytes;
}

asio::awaitable<void> Conversation::let_end() {
  start_clock(std::min(deadline(), std::chrono::steady_clock::now() + kLongestEnd));
  std::array<char, kReadBytes> space;
  for (std::size_t left = 0, count = 1; left < kMostLeftBytes && count > 0; left += count) {
    count = co_await read_into(asio::buffer(space));
  }
}

void Conversation::object(std::string what) { objection_ = std::move(what); }

Verdict Conversation::failure() const { return failure(error_); }

Verdict Conversation::failure(const error_code& error) const {
  if (!objection_.empty()) return not_well(objection_);
  if (is_late_) {
    return not_well((is_connected_ ? "no answer within " : "no connection within ") +
                    std::to_string(timeout_.count()) + " ms");
  }
  if (error == asio::error::eof) return not_well("it closed the connection before it had answered");
  return not_well("reading: " + error.message());
}

void Conversation::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace amb
