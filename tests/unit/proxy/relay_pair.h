// SPDX-License-Identifier: Apache-2.0
//
// A relay between two connected pairs of sockets; the test holds the far ends.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "proxy/relay.h"

namespace amb::test {

class RelayPair : public testing::Test {
 protected:
  RelayPair() {
    make_pair(source_, writer_);
    make_pair(sink_, reader_);
  }

  static void make_roomy(int fd) {
    const int bytes = 1 << 20;
    ASSERT_EQ(::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
  }
  RelayOutcome advance_while_others_follow() {
    return relay_.advance({.source = source_.borrow(),
                           .sink = sink_.borrow(),
                           .read_until_dry = false,
                           .received = received_,
                           .buffers = buffers_,
                           .may_wait = true});
  }
  RelayOutcome send_waiting() { return relay_.send_waiting(sink_.borrow(), buffers_); }
  RelayOutcome advance(bool hung_up = false) {
    return relay_.advance({.source = source_.borrow(),
                           .sink = sink_.borrow(),
                           .read_until_dry = hung_up,
                           .received = received_,
                           .buffers = buffers_,
                           .pipes = pipes_});
  }
  RelayOutcome flush() { return relay_.flush(sink_.borrow(), buffers_); }
  void write(const std::string& text) {
    ASSERT_EQ(::send(writer_.borrow(), text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
  }
  /// Writes until the kernel refuses, moving what can be moved: the sink is full then.
  std::size_t fill() {
    const std::string block(64 * 1024, 'x');
    std::size_t written = 0;
    for (int refused = 0; refused < 2;) {
      const ssize_t count = ::send(writer_.borrow(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count > 0) written += static_cast<std::size_t>(count);
      if (count < 0) ++refused;
      if (!relay_.holds_bytes()) (void)advance();
    }
    return written;
  }
  std::size_t read_all() {
    std::array<char, 65536> into{};
    std::size_t total = 0;
    for (;;) {
      const ssize_t count = ::recv(reader_.borrow(), into.data(), into.size(), MSG_DONTWAIT);
      if (count <= 0) return total;
      total += static_cast<std::size_t>(count);
    }
  }
  /// Reads and moves until `bytes` have come out.
  void expect_rest(std::size_t bytes) {
    std::size_t read = read_all();
    for (int turns = 0; read < bytes && turns < 100'000; ++turns) {
      if (relay_.holds_bytes()) {
        (void)flush();
      } else {
        (void)advance();
      }
      read += read_all();
    }
    EXPECT_EQ(read, bytes);
    EXPECT_EQ(relay_.moved_bytes(), bytes);
  }

  static void make_pair(UniqueFd& ours, UniqueFd& theirs) {
    std::array<int, 2> fds{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
    ours = UniqueFd(fds[0]);
    theirs = UniqueFd(fds[1]);
  }

  UniqueFd source_, writer_, sink_, reader_;
  ReceiveBuffer received_;
  HeldBufferPool buffers_;
  PipePool* pipes_ = nullptr;
  Relay relay_;
};

}  // namespace amb::test
