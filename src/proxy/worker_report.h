// SPDX-License-Identifier: Apache-2.0
//
// What a worker has to say of its links and sessions when it is asked: copies, made between two events.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "net/address.h"
#include "net/compact_address.h"
#include "proxy/app_protocol.h"
#include "proxy/close_reason.h"
#include "proxy/connect_streak.h"
#include "proxy/histogram.h"
#include "proxy/route.h"
#include "proxy/session_state.h"
#include "proxy/tls_hello.h"

namespace amb {

/// What has happened to a link's sessions since the link exists.
struct LinkCounts {
  std::uint64_t opened = 0;
  std::uint64_t limit_pauses = 0;                        ///< Consumers waited at a limit of sessions.
  std::array<std::uint64_t, kCloseReasons> closed{};     ///< By CloseReason.
  std::array<std::uint64_t, 2> bytes{};                  ///< By Direction.
  std::array<std::uint64_t, kAppProtocols> protocols{};  ///< Sessions, by what they were seen to speak.
  WaitHistogram connect;                                 ///< From accept to the upstream leg.
  WaitHistogram first_byte;  ///< From accept to the first byte for the downstream.
  LifeHistogram life;        ///< From accept to close.
  ConnectStreak connecting;
};

/// The network paths of sessions that were looked at, of one side.
struct PathReport {
  std::uint32_t sessions = 0;
  std::uint64_t rtt_us = 0;         ///< Sum of their smoothed round-trip times.
  std::uint64_t retransmitted = 0;  ///< Segments, of each session's whole life.
};

struct EndpointReport {
  SocketAddress address;
  std::uint32_t sessions = 0;
  bool is_ejected = false;
};

struct LinkReport {
  LinkId link = 0;
  std::uint64_t open = 0;
  LinkCounts counts;  ///< Open sessions' bytes included.
  ConnectTrend trend;
  std::vector<EndpointReport> endpoints;
  std::array<PathReport, 2> paths{};  ///< By Side, of at most kMostPaths sessions; only with Detail::paths.
};

struct SessionReport {
  LinkId link = 0;
  std::uint32_t number = 0;  ///< Among those of this worker.
  CompactAddress downstream;
  CompactAddress upstream;  ///< Unset while none has been tried.
  Phase phase = Phase::connecting;
  bool is_half_closed = false;
  AppProtocol protocol = AppProtocol::none;
  TlsHello hello;
  std::array<std::uint64_t, 2> bytes{};  ///< By Direction.
  Milliseconds age = 0;
  Milliseconds quiet = 0;  ///< Since a byte last moved.
};

struct WorkerReport {
  std::uint64_t open = 0;                              ///< Sessions.
  std::uint64_t accept_failures = 0;                   ///< For want of descriptors or memory.
  std::uint64_t limit_pauses = 0;                      ///< At the session limit.
  std::uint64_t cpu_us = 0;                            ///< Of its thread.
  std::array<WaitHistogram, kAppProtocols> answers{};  ///< From being asked to the first byte back.
  std::vector<LinkReport> links;
  std::vector<SessionReport> sessions;  ///< Only if asked for.
};

/// Null when the worker does not know the link.
const LinkReport* find_link(const WorkerReport& report, std::size_t link);

}  // namespace amb
