// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario.h"

#include <array>
#include <cerrno>

namespace amb::sim {

namespace {

constexpr std::uint64_t kKiB = 1024;

template <class T, std::size_t N>
T one_of(Random& random, const std::array<T, N>& choices) {
  return choices[random.below(N)];
}

RouteLimits draw_limits(Random& random) {
  RouteLimits limits;
  limits.connect_timeout = random.between(100, 1500);
  limits.connect_total = limits.connect_timeout + random.between(0, 2000);
  limits.connect_retries = static_cast<std::uint16_t>(random.one_in(3) ? random.between(1, 2) : 0);
  limits.half_close_timeout = random.one_in(500) ? 3'600'000 : random.between(500, 30'000);
  limits.idle_timeout = random.percent(70) ? 0 : random.between(300, 20'000);
  limits.dead_peer = random.one_in(2) ? 30'000 : 60'000;
  limits.abort_flush = random.one_in(2) ? 5000 : random.between(300, 5000);
  return limits;
}

/// Where one side vanishes, the other reads on at about the time when that is found out.
void pause_beside_a_silence(Random& random, PairPlan& plan) {
  PeerPlan& provider = plan.endpoints.front().peer;
  if (provider.ending != Ending::vanish && plan.consumer.ending != Ending::vanish) return;
  PeerPlan& survivor = provider.ending == Ending::vanish ? plan.consumer : provider;
  PeerPlan& silent = provider.ending == Ending::vanish ? provider : plan.consumer;
  survivor.pauses_ms = plan.limits.dead_peer + random.below(6000);
  survivor.pauses_after = static_cast<std::uint32_t>(random.between(1, 8));
  survivor.sends += 1000;
  survivor.answers_only = silent.answers_only = false;
  silent.sends += random.size(1024 * kKiB);
  silent.steps_before_end += 4;
}

}  // namespace

Scenario::Scenario(Random& random) {
  is_giant_ = random.one_in(40);  // more than a turn's budget
  is_bulk_ = is_giant_ || random.percent(30);
  is_calm_ = random.percent(40);
  const std::size_t pair_count = random.percent(75) ? 1 : random.between(2, 4);
  most_sessions = random.one_in(8) ? 1 : 8;
  most_pipes = one_of(random, std::array<std::size_t, 5>{0, 1, 2, 8, 8});
  burst = random.size(12);
  network_most = is_giant_ ? 8 * 1024 * kKiB : is_bulk_ ? 512 * kKiB : random.size(64 * kKiB) + 100;
  if (random.one_in(25)) cut_after = static_cast<std::uint32_t>(random.between(1, 80));
  if (random.one_in(25)) endpoint_fails_after = static_cast<std::uint32_t>(random.between(1, 80));
  drains = random.one_in(20);
  if (random.one_in(10)) {
    rewires_after = static_cast<std::uint32_t>(random.between(1, 60));
    rewires = static_cast<std::uint32_t>(random.between(1, 4));
  }
  stops_once_in = random.one_in(4) ? 100 : 0;
  draw_faults(random);
  if (is_giant_) {
    faults = {};
    burst = 200;
    most_pipes = random.one_in(2) ? 0 : 8;
  }
  for (std::size_t i = 0; i < pair_count; ++i) pairs.push_back(draw_pair(random));
}

void Scenario::draw_faults(Random& random) {
  const auto rate = [&](std::uint32_t most) {
    return static_cast<std::uint32_t>(random.one_in(2) ? 0 : random.between(2, most));
  };
  faults.between_calls = random.one_in(2) ? 0 : static_cast<std::uint32_t>(random.between(4, 60));
  faults.segment_bytes = static_cast<std::uint32_t>(random.one_in(3) ? 1448 : 4096);
  faults.pipes_stay_small = random.one_in(4);
  if (is_calm_) return;
  faults.interrupt = rate(30);
  faults.short_read = rate(30);
  faults.short_write = rate(30);
  faults.no_memory = rate(60);
  faults.no_socket = random.one_in(30) ? 3 : 0;
  faults.no_watch = random.one_in(30) ? 4 : 0;
  faults.accept_failed = random.one_in(20) ? 2 : 0;
  faults.accept_aborted = random.one_in(20) ? 2 : 0;
  faults.no_pipe = random.one_in(8) ? 2 : 0;
  faults.pipes_are_pages = random.one_in(20);
  if (random.one_in(20)) splice_error = random.one_in(2) ? ENOSYS : EPERM;
}

ConnectionShape Scenario::shape(Random& random) const {
  const auto size = [&] {
    if (is_giant_) return 8 * 1024 * kKiB;
    return is_bulk_ ? random.between(16, 1024) * kKiB : random.size(256 * kKiB) + 500;
  };
  return {.receive_buffer = size(),
          .send_buffer = size(),
          .peer_buffer = size(),
          .refuses_splice_in = random.one_in(20),
          .refuses_splice_out = random.one_in(20)};
}

PeerPlan Scenario::draw_peer(Random& random) const {
  PeerPlan plan;
  plan.sends = random.one_in(4) ? 0 : random.size(24 * kKiB);
  if (is_bulk_ && random.percent(60)) plan.sends = random.between(100, 1024) * kKiB;
  if (is_giant_) plan.sends = random.between(3, 8) * 1024 * kKiB;
  plan.sends_urgently = random.one_in(12);
  plan.write_most = is_bulk_ ? random.between(16, 512) * kKiB : random.size(24 * kKiB) + plan.sends / 20 + 1;
  if (is_giant_) plan.write_most = 8 * 1024 * kKiB;
  plan.read_most = is_giant_  ? 8 * 1024 * kKiB
                   : is_bulk_ ? random.between(16, 512) * kKiB
                              : random.size(24 * kKiB) + 500;
  if (random.one_in(6)) {
    plan.pauses_ms = random.one_in(4) ? random.between(8000, 70'000) : random.size(8000);
    plan.pauses_after = static_cast<std::uint32_t>(random.below(12));
  }
  plan.never_reads = random.one_in(25);
  plan.answers_only = random.one_in(6);
  const auto lot = random.below(100);
  plan.ending = lot < 55   ? Ending::finish
                : lot < 65 ? Ending::close
                : lot < 83 ? Ending::reset
                : lot < 87 ? Ending::vanish
                           : Ending::stay;
  plan.steps_before_end = static_cast<std::uint32_t>(random.size(24) - 1);
  return plan;
}

EndpointPlan Scenario::draw_endpoint(Random& random) const {
  EndpointPlan plan;
  const auto lot = random.below(100);
  plan.answer = lot < 86   ? Answer::accepts
                : lot < 90 ? Answer::refuses
                : lot < 92 ? Answer::unreachable
                : lot < 95 ? Answer::silent
                : lot < 97 ? Answer::at_once
                : lot < 98 ? Answer::no_port
                           : Answer::itself;
  plan.after_ms = random.one_in(5) ? random.size(2500) : 0;
  plan.peer = draw_peer(random);
  return plan;
}

PairPlan Scenario::draw_pair(Random& random) const {
  PairPlan plan;
  plan.limits = draw_limits(random);
  plan.consumer = draw_peer(random);
  const std::size_t endpoint_count = random.percent(80) ? 1 : random.between(2, 3);
  for (std::size_t i = 0; i < endpoint_count; ++i) plan.endpoints.push_back(draw_endpoint(random));
  if (random.one_in(4)) pause_beside_a_silence(random, plan);
  plan.restarts = random.one_in(6);
  plan.races = random.one_in(2);
  plan.spreading.policy =
      one_of(random, std::array{Policy::first, Policy::round_robin, Policy::least_sessions, Policy::random});
  plan.spreading.eject_after = static_cast<std::uint16_t>(random.below(3));
  plan.has_names = random.one_in(5);
  plan.resolver_answers = !random.one_in(5);
  plan.resolver_after_ms = random.one_in(2) ? 0 : random.size(2500);
  plan.known_endpoints = static_cast<std::uint32_t>(endpoint_count);
  if (plan.has_names) plan.known_endpoints = static_cast<std::uint32_t>(random.between(0, endpoint_count));
  return plan;
}

}  // namespace amb::sim
