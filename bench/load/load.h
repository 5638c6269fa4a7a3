// SPDX-License-Identifier: Apache-2.0
//
// The load: in a closed loop each connection asks again once it is answered; in an open loop questions become
// due at random times of a fixed mean rate, whatever the answers do, and wait for nothing but their own
// moment.
#pragma once

#include <cstdint>
#include <vector>

#include "connection.h"
#include "histogram.h"

namespace amb::bench {

struct Outcome {
  Histogram latency;
  Histogram lateness;  // of sending behind the moment when it was due: how much of the latency is our own
  std::uint64_t unanswered = 0;
  double seconds = 0;
};

class Load {
 public:
  /// `rate_s` questions in a second over all connections; 0 is a closed loop.
  Load(std::vector<Connection>& connections, double rate_s);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  /// Asks for so long, then waits for the last answers.
  Outcome run(double seconds);

 private:
  void ask_what_is_due(std::uint64_t now_ns, std::uint64_t end_ns, Outcome& outcome);
  void wait_and_receive(std::uint64_t until_ns, std::uint64_t end_ns, Outcome& outcome);
  std::uint64_t gap_ns();

  std::vector<Connection>& connections_;
  const double rate_s_;
  const int epoll_;
  std::uint64_t random_ = 0x9e3779b97f4a7c15;  // always the same schedule, for every relay
  std::uint64_t next_due_ns_ = 0;
  std::size_t next_connection_ = 0;
};

}  // namespace amb::bench
