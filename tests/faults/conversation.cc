// SPDX-License-Identifier: Apache-2.0
#include "faults/conversation.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace amb::test {

namespace {

constexpr std::size_t kLongest = (1 << 20) + (1 << 16);  // of what one end sends in any scenario
constexpr std::size_t kMostTaken = 256 * 1024;

std::vector<std::byte> make_stream(unsigned number) {
  const Pattern pattern(number);
  std::vector<std::byte> bytes(kLongest);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = pattern.at(i);
  return bytes;
}

const std::vector<std::byte>& stream_bytes(unsigned number) {
  static const std::array<std::vector<std::byte>, 2> streams{make_stream(1), make_stream(2)};
  return streams[number - 1];
}

}  // namespace

void End::joins(Peer peer) {
  has_joined_ = true;
  saw_reset_ = !peer.is_connected();
  peer_ = std::move(peer);
}

void End::resets() {
  has_reset_ = true;
  if (peer_.is_connected()) peer_.resets();
}

bool End::is_over() const {
  if (has_reset_ || saw_reset_) return true;
  return saw_end_ && (has_sent_end_ || cannot_send_);
}

pollfd End::step() {
  pollfd wish{.fd = -1, .events = 0, .revents = 0};
  if (!peer_.is_connected() || is_over()) return wish;
  send_some();
  receive_some();
  if (is_over()) return wish;
  if (!saw_end_) wish.events |= POLLIN;
  if (is_full_) wish.events |= POLLOUT;
  wish.fd = peer_.fd();
  return wish;
}

/// A reset after the other side's end: no read tells.
void End::sees(short events) {
  if (saw_end_ && (events & (POLLERR | POLLHUP)) != 0) cannot_send_ = true;
}

void End::send_some() {
  is_full_ = false;
  while (sent_ < to_send_ && !cannot_send_) {
    const ssize_t count = ::send(peer_.fd(), stream_bytes(stream_).data() + sent_, to_send_ - sent_,
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count > 0) {
      sent_ += static_cast<std::size_t>(count);
      continue;
    }
    if (errno == EAGAIN) {
      is_full_ = true;
      return;
    }
    cannot_send_ = true;
    // EPIPE is a reset after the other side's end, which is then still to be read; anything else says that
    // there was none.
    if (errno != EPIPE) saw_reset_ = true;
    return;
  }
  if (!wants_end_ || has_sent_end_ || cannot_send_) return;
  if (::shutdown(peer_.fd(), SHUT_WR) == 0) {
    has_sent_end_ = true;
  } else {
    cannot_send_ = true;
  }
}

void End::receive_some() {
  static std::vector<std::byte> into(kMostTaken);
  const auto& wanted = stream_bytes(3 - stream_);
  while (!saw_end_ && !saw_reset_) {
    const ssize_t count = ::recv(peer_.fd(), into.data(), into.size(), MSG_DONTWAIT);
    if (count < 0) {
      if (errno != EAGAIN) saw_reset_ = true;
      return;
    }
    if (count == 0) {
      saw_end_ = true;
      return;
    }
    const auto bytes = static_cast<std::size_t>(count);
    if (received_ + bytes > wanted.size() ||
        std::memcmp(into.data(), wanted.data() + received_, bytes) != 0) {
      got_wrong_bytes_ = true;
    }
    received_ += bytes;
  }
}

}  // namespace amb::test
