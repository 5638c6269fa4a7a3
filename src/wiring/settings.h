// SPDX-License-Identifier: Apache-2.0
//
// What concerns the whole process rather than one link, read from AMBASSADOR_* variables.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "wiring/trace_settings.h"
#include "wiring/wiring.h"

namespace amb {

/// Each request over TCP is compared with them.
inline constexpr std::size_t kMostAdminHosts = 64;

struct Settings {
  std::optional<unsigned> workers;  ///< AMBASSADOR_WORKERS, 1..256; absent: what affinity and cgroup allow.
  std::chrono::milliseconds drain{9000};  ///< AMBASSADOR_DRAIN, "9s", "500ms", "1m", or seconds without unit.
  std::optional<LogFormat> log_format;  ///< AMBASSADOR_LOG, text|json; absent: text on a terminal, else json.
  LogLevel log_level = LogLevel::info;  ///< AMBASSADOR_LOG_LEVEL, debug|info|warning|error.
  bool records_failures = true;         ///< AMBASSADOR_RECORDS, all but "off".
  unsigned recorded_percent = 0;        ///< "all" is 100, "10%" is 10: of the sessions that end well.
  bool has_glimpses = true;             ///< AMBASSADOR_GLIMPSES, on|off: look at a session's first bytes.
  std::optional<std::size_t>
      max_sessions;                     ///< AMBASSADOR_MAX_SESSIONS, 1..; absent: what RLIMIT_NOFILE allows.
  std::chrono::milliseconds linger{0};  ///< AMBASSADOR_LINGER, as AMBASSADOR_DRAIN: not ready, but accepting.

  std::string control;  ///< AMBASSADOR_CONTROL, an absolute path or "none"; empty: the usual places.
  std::optional<SocketAddress> admin;  ///< AMBASSADOR_ADMIN, where the API listens over TCP; absent: nowhere.
  std::string admin_token;             ///< AMBASSADOR_ADMIN_TOKEN, never to be shown.
  std::string admin_token_file;        ///< AMBASSADOR_ADMIN_TOKEN_FILE, instead of the token itself.
  TraceSettings traces;                ///< AMBASSADOR_TRACES and AMBASSADOR_TRACES_SAMPLE; off unless told.
  std::vector<std::string> admin_hosts;  ///< AMBASSADOR_ADMIN_HOSTS, what the TCP listener is also known as.
};

/// Reads every setting and appends a Problem for each that is wrong; unknown AMBASSADOR_* names are problems
/// too, with the nearest known name.
Settings read_settings(const std::vector<std::pair<std::string, std::string>>& environment,
                       Problems& problems);

}  // namespace amb
