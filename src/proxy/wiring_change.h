// SPDX-License-Identifier: Apache-2.0
//
// What a worker is told when the wiring changes: everything at once, taken in between two events, so that
// no session ever sees half of it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/unique_fd.h"
#include "proxy/route.h"

namespace amb {

using ListenerId = std::uint32_t;  ///< Names a listening address for as long as it is open.

struct NewListener {
  ListenerId id = 0;
  LinkId link = 0;
  UniqueFd fd;  ///< Listens already.
};

struct MovedListener {
  ListenerId id = 0;
  LinkId link = 0;  ///< Whose consumers come through it from now on.
};

struct WiringChange {
  std::vector<Route> routes;  ///< Of links that are new or other than before.
  std::vector<NewListener> opened;
  std::vector<MovedListener> moved;
  std::vector<ListenerId> closed;  ///< Who is in their queues is served first.
  std::vector<LinkId> removed;     ///< Told of once more, when the last of their sessions has ended.
};

}  // namespace amb
