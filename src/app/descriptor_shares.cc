// SPDX-License-Identifier: Apache-2.0
#include "app/descriptor_shares.h"

#include <algorithm>

namespace amb {

namespace {

constexpr std::size_t kPerWorker = 2;  // epoll, eventfd
// Standard streams and a spare, four; the control thread's reactor, three; signals, two; and
// for the file of links, the token and names an inotify and a table of mounts each.
constexpr std::size_t kProgram = 15;

constexpr std::size_t kMostControl = 136;
constexpr std::size_t kControlListeners = 8;
constexpr std::size_t kLeastControl = 6;  // a listener, what holds its path, and three connections

constexpr std::size_t kMostChecks = 256;

// Of this, a quarter is for files and what nobody foresaw, the rest for the resolver.
constexpr std::size_t kMostReserve = 64;
constexpr std::size_t kLeastReserve = 4;

constexpr std::size_t kLargestPart = 4;
constexpr std::size_t kSmallestPart = 16;

}  // namespace

DescriptorShares::DescriptorShares(std::size_t limit, const DescriptorNeeds& needs) : limit_(limit) {
  for (std::size_t part = kLargestPart; part <= kSmallestPart; part *= 2) {
    share_out(part);
    if (sessions(needs) >= needs.workers) return;
  }
}

void DescriptorShares::share_out(std::size_t part) {
  control_ = std::clamp(limit_ / part, kLeastControl, kMostControl);
  checks_ = std::clamp<std::size_t>(limit_ / part / 2, 1, kMostChecks);
  const std::size_t reserve = std::clamp(limit_ / part, kLeastReserve, kMostReserve);
  files_ = reserve / 4;
  look_ups_ = reserve - files_;
}

std::size_t DescriptorShares::control_connections() const {
  return control_ - std::min(control_ / 2, kControlListeners);
}

std::size_t DescriptorShares::sessions(const DescriptorNeeds& needs) const {
  const std::size_t taken = kProgram + kPerWorker * needs.workers + needs.listeners + needs.pipes +
                            std::min(needs.checks, checks_) + (needs.has_control ? control_ : 0) + look_ups_ +
                            files_;
  return limit_ > taken ? (limit_ - taken) / 2 : 0;
}

unsigned workers_that_fit(std::size_t limit, const DescriptorNeeds& needs) {
  for (unsigned workers = needs.workers; workers > 1; --workers) {
    DescriptorNeeds fewer = needs;
    fewer.workers = workers;
    fewer.listeners = needs.listeners * workers / needs.workers;
    fewer.pipes = needs.pipes * workers / needs.workers;
    if (DescriptorShares(limit, fewer).sessions(fewer) >= workers) return workers;
  }
  return 1;
}

}  // namespace amb
