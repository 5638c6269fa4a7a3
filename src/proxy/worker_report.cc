// SPDX-License-Identifier: Apache-2.0
#include "proxy/worker_report.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "proxy/worker.h"

namespace amb {

namespace {

LinkReport make_link_report(RouteTable& routes, LinkId link, Milliseconds now) {
  LinkReport report{.link = link,
                    .open = routes.open(link),
                    .counts = routes.counts(link),
                    .trend = routes.counts(link).connecting.as_of(now),
                    .endpoints = {}};
  routes.upstream(link).for_each(now, [&](const Endpoint& endpoint, std::uint32_t sessions, bool is_ejected) {
    report.endpoints.push_back({endpoint.address, sessions, is_ejected});
  });
  return report;
}

std::uint64_t thread_cpu_us() {
  timespec used{};
  (void)::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(used.tv_nsec) / 1000;
}

}  // namespace

const LinkReport* find_link(const WorkerReport& report, std::size_t link) {
  const auto found = std::ranges::lower_bound(report.links, link, {}, &LinkReport::link);
  return found == report.links.end() || found->link != link ? nullptr : &*found;
}

SessionReport Session::report() const {
  const Milliseconds now = host_.loop().now();
  const Milliseconds last = state_.phase == Phase::connecting ? opened_ : last_progress_;
  return {.link = link_,
          .number = number_,
          .downstream = downstream_peer_,
          .upstream = connector_.endpoint(),
          .phase = state_.phase,
          .is_half_closed = state_.is_half_closed(),
          .protocol = glimpse_.protocol(),
          .hello = glimpse_.hello() == nullptr ? TlsHello{} : *glimpse_.hello(),
          .bytes = {relays_[0].moved_bytes(), relays_[1].moved_bytes()},
          .age = now - opened_,
          .quiet = now - last};
}

void Worker::report(Detail detail, std::move_only_function<void(WorkerReport)> take) {
  loop_->post([this, detail, take = std::move(take)]() mutable { take(make_report(detail)); });
}

/// Two calls for each session, so not for all of many thousand.
void Worker::look_at_paths(WorkerReport& report, const std::vector<std::size_t>& place_of) {
  std::size_t left = kMostPaths;
  open_.for_each([&](const Session& session) {
    if (left == 0 || session.is_connecting()) return;
    --left;
    for (const Side side : {Side::downstream, Side::upstream}) {
      const PathQuality quality = session.path(side);
      PathReport& path = report.links[place_of[session.link()]].paths[index(side)];
      if (!quality.is_known) continue;
      ++path.sessions;
      path.rtt_us += static_cast<std::uint64_t>(quality.rtt.count());
      path.retransmitted += quality.retransmitted;
    }
  });
}

WorkerReport Worker::make_report(Detail detail) {
  WorkerReport report{.open = open_count_,
                      .accept_failures = accept_failures_,
                      .limit_pauses = limit_pauses_,
                      .cpu_us = thread_cpu_us(),
                      .answers = answers_,
                      .links = {},
                      .sessions = {}};
  std::vector<std::size_t> place_of(routes_.size());
  for (LinkId link = 0; link < routes_.size(); ++link) {
    if (!routes_.holds(link)) continue;
    place_of[link] = report.links.size();
    report.links.push_back(make_link_report(routes_, link, loop_->now()));
  }
  open_.for_each([&](const Session& session) {
    SessionReport one = session.report();
    auto& bytes = report.links[place_of[one.link]].counts.bytes;
    for (std::size_t direction = 0; direction < bytes.size(); ++direction)
      bytes[direction] += one.bytes[direction];
    if (detail == Detail::sessions) report.sessions.push_back(std::move(one));
  });
  if (detail == Detail::paths) look_at_paths(report, place_of);
  return report;
}

}  // namespace amb
