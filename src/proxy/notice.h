// SPDX-License-Identifier: Apache-2.0
//
// What a worker has to say to the log: plain values through a bounded ring, so that a blocked log can never
// hold up a session.
#pragma once

#include <cstddef>
#include <variant>

#include "base/ring.h"
#include "net/compact_address.h"
#include "proxy/close_record.h"

namespace amb {

/// accept(2) ran out of resources; the listener is paused and tries again.
struct AcceptFailed {
  LinkId link = 0;
  int error = 0;
};

/// The session limit is reached, or the link's; consumers wait in the backlog.
struct SessionLimitReached {
  LinkId link = 0;
  std::size_t open = 0;          ///< Sessions of this worker.
  std::size_t most_of_link = 0;  ///< What the link may have, if it is that; else 0.
  std::size_t looping = 0;       ///< Of those, how many come from the very host that they lead to.
};

/// Connecting to it failed; of a link whose endpoints are checked, and not each time in a storm.
struct EndpointFailed {
  LinkId link = 0;
  CompactAddress endpoint;
};

/// Sessions of this worker pass it over, because connecting to it failed.
struct EndpointEjected {
  LinkId link = 0;
  CompactAddress endpoint;
  int error = 0;
};

/// A session has reached it again.
struct EndpointBack {
  LinkId link = 0;
  CompactAddress endpoint;
};

/// The link leads back to us, over others; its unanswered sessions come down.
struct LoopFound {
  LinkId link = 0;
  CompactAddress endpoint;
  std::size_t sessions = 0;  ///< Unanswered ones of this worker.
};

using Notice = std::variant<CloseRecord, AcceptFailed, SessionLimitReached, EndpointFailed, EndpointEjected,
                            EndpointBack, LoopFound>;
using NoticeRing = Ring<Notice, 1024>;

}  // namespace amb
