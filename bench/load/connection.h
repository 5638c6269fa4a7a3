// SPDX-License-Identifier: Apache-2.0
//
// One client connection that asks PING and is told +PONG, any number of times at once. It remembers for each
// question when it should have been asked, which is where its latency begins, however late it could be sent.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <deque>
#include <string_view>

namespace amb::bench {

class Connection {
 public:
  static constexpr std::string_view kQuestion = "PING\r\n";
  static constexpr std::string_view kAnswer = "+PONG\r\n";

  /// Connects and has one question answered; what goes wrong ends the program, saying what it was.
  explicit Connection(const sockaddr_in& to);
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;
  ~Connection();

  /// Asks; `due_ns` is when this should happen.
  void ask(std::uint64_t due_ns);

  /// Sends what the kernel has not taken yet.
  void flush();

  /// Takes answers until there are no more for now; calls answered(due_ns) for each.
  template <typename Answered>
  void receive(Answered answered) {
    for (std::size_t count = read(); count > 0; --count) {
      answered(due_.front());
      due_.pop_front();
    }
  }

  int fd() const { return fd_; }
  std::size_t unanswered() const { return due_.size(); }

 private:
  std::size_t read();

  int fd_ = -1;
  std::size_t unsent_bytes_ = 0;
  std::size_t sent_phase_ = 0;      // where in kQuestion the next byte to send stands
  std::size_t received_phase_ = 0;  // and in kAnswer the next byte to come
  std::deque<std::uint64_t> due_;
};

/// Says what failed and why, and ends the program.
[[noreturn]] void fail(std::string_view what, int error = 0);

}  // namespace amb::bench
