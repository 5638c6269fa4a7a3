// SPDX-License-Identifier: Apache-2.0
#include "connection.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

namespace amb::bench {

namespace {

constexpr std::size_t kMostAtOnce = 1024;

/// Many questions in a row; any stretch of them begins at its phase.
const std::string& questions() {
  static const std::string text = [] {
    std::string made;
    for (std::size_t i = 0; i <= kMostAtOnce; ++i) made += Connection::kQuestion;
    return made;
  }();
  return text;
}

}  // namespace

void fail(std::string_view what, int error) {
  std::fprintf(stderr, "load: %.*s%s%s\n", static_cast<int>(what.size()), what.data(), error ? ": " : "",
               error ? std::strerror(error) : "");
  std::exit(1);
}

Connection::Connection(const sockaddr_in& to) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) fail("socket", errno);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect", errno);
  const int on = 1;
  (void)::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  (void)::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);

  std::array<char, kAnswer.size()> answer{};
  if (::send(fd_, kQuestion.data(), kQuestion.size(), MSG_NOSIGNAL) < 0) fail("first question", errno);
  if (::recv(fd_, answer.data(), answer.size(), MSG_WAITALL) != static_cast<ssize_t>(answer.size()))
    fail("no first answer", errno);
  if (std::string_view(answer.data(), answer.size()) != kAnswer) fail("the first answer is wrong");
  if (::fcntl(fd_, F_SETFL, O_NONBLOCK) != 0) fail("fcntl", errno);
}

Connection::Connection(Connection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      unsent_bytes_(other.unsent_bytes_),
      sent_phase_(other.sent_phase_),
      received_phase_(other.received_phase_),
      due_(std::move(other.due_)) {}

Connection::~Connection() {
  if (fd_ >= 0) (void)::close(fd_);
}

void Connection::ask(std::uint64_t due_ns) {
  due_.push_back(due_ns);
  unsent_bytes_ += kQuestion.size();
  flush();
}

void Connection::flush() {
  while (unsent_bytes_ > 0) {
    const std::size_t most = std::min(unsent_bytes_, kMostAtOnce * kQuestion.size());
    const ssize_t count = ::send(fd_, questions().data() + sent_phase_, most, MSG_NOSIGNAL);
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) fail("send", errno);
    unsent_bytes_ -= static_cast<std::size_t>(count);
    sent_phase_ = (sent_phase_ + static_cast<std::size_t>(count)) % kQuestion.size();
  }
}

std::size_t Connection::read() {
  std::array<char, 16384> bytes;
  std::size_t answers = 0;
  for (;;) {
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EAGAIN) return answers;
    if (count < 0) fail("recv", errno);
    if (count == 0) fail("the relay closed a connection");
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      if (bytes[i] != kAnswer[received_phase_]) fail("an answer is wrong");
      if (++received_phase_ == kAnswer.size()) {
        received_phase_ = 0;
        if (++answers > due_.size()) fail("an answer came to no question");
      }
    }
    if (static_cast<std::size_t>(count) < bytes.size()) return answers;
  }
}

}  // namespace amb::bench
