// SPDX-License-Identifier: Apache-2.0
#include "proxy/close_reason.h"

#include <array>

namespace amb {

std::string_view to_string(CloseReason reason) {
  static constexpr std::array<std::string_view, kCloseReasons> kWords{
      "eof",          "client_reset",      "upstream_reset",  "client_dead",     "upstream_dead",
      "idle_timeout", "halfclose_timeout", "connect_refused", "connect_timeout", "no_upstream",
      "limit",        "endpoint_down",     "drain_deadline",  "removed",         "internal",
  };
  return kWords[static_cast<std::size_t>(reason)];
}

}  // namespace amb
