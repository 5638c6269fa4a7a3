// SPDX-License-Identifier: Apache-2.0
#include "load.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>

namespace amb::bench {

namespace {

constexpr std::uint64_t kLastAnswersNs = 2'000'000'000;
constexpr int kMostEvents = 512;

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                    std::chrono::nanoseconds(1));
}

}  // namespace

Load::Load(std::vector<Connection>& connections, double rate_s)
    : connections_(connections), rate_s_(rate_s), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) fail("epoll_create1", errno);
  for (Connection& connection : connections_) {
    epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = &connection}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd(), &event) != 0) fail("epoll_ctl", errno);
  }
}

Load::~Load() { (void)::close(epoll_); }

/// Exponential, as between calls of people who know nothing of each other.
std::uint64_t Load::gap_ns() {
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  const double uniform = (static_cast<double>(random_ >> 11) + 0.5) / 9007199254740992.0;  // 2^53
  return static_cast<std::uint64_t>(-std::log(uniform) * 1e9 / rate_s_);
}

Outcome Load::run(double seconds) {
  Outcome outcome;
  const std::uint64_t start = now_ns();
  const std::uint64_t end = start + static_cast<std::uint64_t>(seconds * 1e9);
  next_due_ns_ = start;
  if (rate_s_ == 0) {
    for (Connection& connection : connections_) connection.ask(now_ns());
  }
  for (std::uint64_t now = start; now < end; now = now_ns()) {
    if (rate_s_ > 0) ask_what_is_due(now, end, outcome);
    wait_and_receive(rate_s_ > 0 ? std::min(next_due_ns_, end) : end, end, outcome);
  }
  outcome.seconds = static_cast<double>(now_ns() - start) / 1e9;

  const auto waits = [](const Connection& connection) { return connection.unanswered() > 0; };
  while (now_ns() < end + kLastAnswersNs && std::ranges::any_of(connections_, waits))
    wait_and_receive(end + kLastAnswersNs, end, outcome);
  for (const Connection& connection : connections_) outcome.unanswered += connection.unanswered();
  return outcome;
}

void Load::ask_what_is_due(std::uint64_t now, std::uint64_t end_ns, Outcome& outcome) {
  while (next_due_ns_ <= now && next_due_ns_ < end_ns) {
    outcome.lateness.record(now - next_due_ns_);
    connections_[next_connection_].ask(next_due_ns_);
    next_connection_ = (next_connection_ + 1) % connections_.size();
    next_due_ns_ += gap_ns();
  }
}

void Load::wait_and_receive(std::uint64_t until_ns, std::uint64_t end_ns, Outcome& outcome) {
  const std::uint64_t now = now_ns();
  const std::uint64_t left = until_ns > now ? until_ns - now : 0;
  const timespec limit{.tv_sec = static_cast<time_t>(left / 1'000'000'000),
                       .tv_nsec = static_cast<long>(left % 1'000'000'000)};
  std::array<epoll_event, kMostEvents> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), kMostEvents, &limit, nullptr);
  if (count < 0 && errno != EINTR) fail("epoll_pwait2", errno);
  for (int i = 0; i < count; ++i) {
    auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
    connection.flush();
    const std::uint64_t answered = now_ns();
    connection.receive([&](std::uint64_t due_ns) { outcome.latency.record(answered - due_ns); });
    if (rate_s_ == 0 && answered < end_ns && connection.unanswered() == 0) connection.ask(answered);
  }
}

}  // namespace amb::bench
