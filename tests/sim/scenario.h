// SPDX-License-Identifier: Apache-2.0
//
// What a schedule is about, drawn from its seed before anything happens: how many sessions, their limits and
// endpoints, what the programs at the far ends want, and how unkind the kernel is.
#pragma once

#include <cstdint>
#include <vector>

#include "proxy/route.h"
#include "sim/fake_kernel/kernel.h"
#include "sim/fake_kernel/random.h"

namespace amb::sim {

enum class Ending : std::uint8_t {
  finish,  ///< Ends its writing when all is sent, closes once the other end is through.
  close,   ///< Closes when it has sent all, whether or not the other side has.
  reset,   ///< Resets at some point.
  vanish,  ///< Is never heard of again.
  stay,    ///< Does nothing more.
};

struct PeerPlan {
  std::uint64_t sends = 0;
  std::uint64_t write_most = 1;
  std::uint64_t read_most = 1;
  bool answers_only = false;       ///< Writes once the other side has ended.
  Ms pauses_ms = 0;                ///< Does not read for so long.
  std::uint32_t pauses_after = 0;  ///< Steps before that pause.
  bool never_reads = false;
  bool sends_urgently = false;
  Ending ending = Ending::finish;
  std::uint32_t steps_before_end = 0;  ///< For a sudden end.
};

/// How a handshake ends.
enum class Answer : std::uint8_t { accepts, refuses, unreachable, silent, at_once, no_port, itself };

struct EndpointPlan {
  Answer answer = Answer::accepts;
  Ms after_ms = 0;
  PeerPlan peer;
};

struct ConnectionShape {
  std::uint64_t receive_buffer, send_buffer, peer_buffer;
  bool refuses_splice_in, refuses_splice_out;
};

struct PairPlan {
  RouteLimits limits;
  PeerPlan consumer;
  std::vector<EndpointPlan> endpoints;
  Spreading spreading;
  bool restarts = false;              ///< Each endpoint refuses the first attempt, whatever it does then.
  bool races = false;                 ///< The endpoints are addresses of one name.
  std::uint32_t known_endpoints = 1;  ///< The rest is what the resolver answers when it is asked.
  bool has_names = false;
  bool resolver_answers = true;
  Ms resolver_after_ms = 0;
};

struct Scenario {
  explicit Scenario(Random& random);

  std::vector<PairPlan> pairs;
  std::size_t most_sessions = 1;
  std::size_t most_pipes = 1;
  Faults faults;
  int splice_error = 0;                    ///< This kernel's answer to every splice.
  std::uint64_t network_most = 1;          ///< Bytes that arrive or are delivered at a time.
  std::uint64_t burst = 1;                 ///< How much happens while our program is at work.
  std::uint32_t cut_after = 0;             ///< Things that happen before every session is cut; 0 is never.
  std::uint32_t endpoint_fails_after = 0;  ///< The same, before the sessions of one link are.
  bool drains = false;                     ///< The same, for the listeners.
  std::uint32_t rewires_after = 0;         ///< The same, before a link leads elsewhere.
  std::uint32_t rewires = 0;               ///< How often that happens.
  std::uint32_t stops_once_in = 0;

  ConnectionShape shape(Random& random) const;

 private:
  void draw_faults(Random& random);
  PairPlan draw_pair(Random& random) const;
  PeerPlan draw_peer(Random& random) const;
  EndpointPlan draw_endpoint(Random& random) const;

  bool is_bulk_ = false;
  bool is_giant_ = false;
  bool is_calm_ = false;
};

}  // namespace amb::sim
