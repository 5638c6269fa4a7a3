// SPDX-License-Identifier: Apache-2.0
//
// What a request says: the keys of its JSON body, the parameters of its query. A key that nobody knows is a
// mistake that is told with the nearest one, for what is misspelt would be left undone in silence.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/control.h"

namespace amb {

using Query = std::vector<std::pair<std::string, std::string>>;

/// Of a rewire's check of its targets: how long one may take, and how long it may be repeated.
inline constexpr std::chrono::milliseconds kLeastCheckTimeout{1}, kMostCheckTimeout{60000};
inline constexpr std::chrono::milliseconds kMostCheckWait{3600000};

/// {"upstream": "url,url" or ["url"], "existing": "drain=30s", "dry_run": false, "back": false,
///  "force": false, "check_timeout_ms": 3000, "wait_ms": 0}
Controlled<RewireRequest> read_rewire(std::string link, std::string_view body);

/// {"link": "redis"}; without it, or without a body, empty.
Controlled<std::string> read_link(std::string_view body);

struct PlanText {
  std::string path;
  std::string text;
};
/// {"path": "links.toml", "text": "[links.redis]…"}
Controlled<PlanText> read_plan(std::string_view body);

/// {} or no body at all.
Controlled<void> read_nothing(std::string_view body);

/// ?link=redis&most=100
Controlled<SessionQuery> read_session_query(const Query& query);

/// ?link=redis; empty without it.
Controlled<std::string> read_link_query(const Query& query);

/// ?every=2s, from 500ms to 1m; 1s without it.
Controlled<std::chrono::milliseconds> read_watch_query(const Query& query);

Controlled<void> read_no_query(const Query& query);

}  // namespace amb
