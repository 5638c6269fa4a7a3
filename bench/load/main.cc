// SPDX-License-Identifier: Apache-2.0
//
// A client for measuring relays: connects, holds some connections idle, loads others, prints latencies as
// JSON.
//
//   load ADDRESS FIRST_PORT LAST_PORT BUSY IDLE RATE SECONDS
//
// BUSY and IDLE are numbers of connections, spread over the ports; RATE is in questions per second, 0 for a
// closed loop. What answers must be a redis-server. When all are connected and a short warm-up is over it
// prints "ready" and waits for a line on its standard input; without one, and without BUSY connections, it
// ends.
#include <arpa/inet.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "load.h"

namespace {

using namespace amb::bench;

double number(const char* text) {
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || value < 0) fail("a number is wrong");
  return value;
}

/// Connection i of `count`, evenly over the ports.
sockaddr_in target(const char* address, std::size_t first, std::size_t last, std::size_t i,
                   std::size_t count) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  if (::inet_pton(AF_INET, address, &to.sin_addr) != 1) fail("the address is wrong");
  const std::size_t ports = last - first + 1;
  to.sin_port = htons(static_cast<std::uint16_t>(first + (ports > count ? i * ports / count : i % ports)));
  return to;
}

double us(const Histogram& histogram, double q) { return static_cast<double>(histogram.quantile(q)) / 1e3; }

void print(const Outcome& outcome) {
  const Histogram& latency = outcome.latency;
  std::printf(
      "{\"answered\": %llu, \"unanswered\": %llu, \"seconds\": %.6f, \"p50_us\": %.3f, \"p99_us\": %.3f, "
      "\"p999_us\": %.3f, \"most_us\": %.3f, \"late_p50_us\": %.3f, \"late_p99_us\": %.3f}\n",
      static_cast<unsigned long long>(latency.count()), static_cast<unsigned long long>(outcome.unanswered),
      outcome.seconds, us(latency, 0.5), us(latency, 0.99), us(latency, 0.999), us(latency, 1.0),
      us(outcome.lateness, 0.5), us(outcome.lateness, 0.99));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) fail("usage: load ADDRESS FIRST_PORT LAST_PORT BUSY IDLE RATE SECONDS");
  const auto first = static_cast<std::size_t>(number(argv[2]));
  const auto last = static_cast<std::size_t>(number(argv[3]));
  const auto busy = static_cast<std::size_t>(number(argv[4]));
  const auto idle = static_cast<std::size_t>(number(argv[5]));
  const double rate_s = number(argv[6]);
  const double seconds = number(argv[7]);
  if (first == 0 || last < first || last > 65535) fail("the ports are wrong");
  (void)::prctl(PR_SET_TIMERSLACK, 1);  // a question is due to the microsecond

  std::vector<Connection> resting;
  std::vector<Connection> asking;
  resting.reserve(idle);
  asking.reserve(busy);
  for (std::size_t i = 0; i < idle; ++i) resting.emplace_back(target(argv[1], first, last, i, idle));
  for (std::size_t i = 0; i < busy; ++i) asking.emplace_back(target(argv[1], first, last, i, busy));

  Load load(asking, rate_s);
  if (busy > 0) (void)load.run(std::min(0.3, seconds));
  std::puts("ready");
  std::fflush(stdout);
  if (std::getchar() == EOF || busy == 0) return 0;
  print(load.run(seconds));
  return 0;
}
