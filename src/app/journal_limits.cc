// SPDX-License-Identifier: Apache-2.0
//
// The lines about consumers that wait for a place, and links that lead back to us.
#include "app/journal.h"

namespace amb {

namespace {

std::int64_t count_of(std::size_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

void Journal::session_limit(const SessionLimitReached& reached) {
  const bool is_of_link = reached.most_of_link != 0;
  log_.warning(
      "accept_paused",
      {{"link", name(reached.link)},
       {"reason", is_of_link ? "link limit" : "session limit"},
       {"sessions", count_of(is_of_link ? reached.most_of_link : reached.open)},
       {"error", is_of_link ? "the link has all the sessions that it may have; consumers wait in the backlog"
                            : "the session limit is reached; consumers wait in the backlog"}});
  if (reached.looping * 2 <= reached.open) return;
  log_.warning("suspected_loop",
               {{"link", name(reached.link)},
                {"sessions", count_of(reached.looping)},
                {"error",
                 "most sessions come from the host that they lead to: two ambassadors may be wired "
                 "to each other"}});
}

void Journal::loop_found(const LoopFound& loop) {
  log_.error("loop", {{"link", name(loop.link)},
                      {"endpoint", loop.endpoint.to_string()},
                      {"sessions", count_of(loop.sessions)},
                      {"error", "the link leads back to this ambassador over that endpoint"},
                      {"consequence", "its sessions are reset"}});
}

}  // namespace amb
