// SPDX-License-Identifier: Apache-2.0
//
// What a worker has to say of its links and sessions when it is asked: copies, made between two events.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "net/address.h"
#include "net/compact_address.h"
#include "proxy/close_reason.h"
#include "proxy/route.h"
#include "proxy/session_state.h"

namespace amb {

/// What has happened to a link's sessions since the link exists.
struct LinkCounts {
  std::uint64_t opened = 0;
  std::array<std::uint64_t, kCloseReasons> closed{};  ///< By CloseReason.
  std::array<std::uint64_t, 2> bytes{};               ///< By Direction.
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
  std::vector<EndpointReport> endpoints;
};

struct SessionReport {
  LinkId link = 0;
  std::uint32_t number = 0;  ///< Among those of this worker.
  CompactAddress downstream;
  CompactAddress upstream;  ///< Unset while none has been tried.
  Phase phase = Phase::connecting;
  bool is_half_closed = false;
  std::array<std::uint64_t, 2> bytes{};  ///< By Direction.
  Milliseconds age = 0;
  Milliseconds quiet = 0;  ///< Since a byte last moved.
};

struct WorkerReport {
  std::vector<LinkReport> links;
  std::vector<SessionReport> sessions;  ///< Only if asked for.
};

}  // namespace amb
