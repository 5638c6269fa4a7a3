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

std::string_view blamed_side(CloseReason reason) {
  switch (reason) {
    case CloseReason::eof:
      return "both";
    case CloseReason::client_reset:
    case CloseReason::client_dead:
      return "downstream";
    case CloseReason::upstream_reset:
    case CloseReason::upstream_dead:
    case CloseReason::connect_refused:
    case CloseReason::connect_timeout:
    case CloseReason::no_upstream:
    case CloseReason::endpoint_down:
      return "upstream";
    case CloseReason::idle_timeout:
    case CloseReason::halfclose_timeout:
      return "link";
    case CloseReason::drain_deadline:
    case CloseReason::removed:
      return "operator";
    case CloseReason::limit:
    case CloseReason::internal:
      return "ourselves";
  }
  return "";
}

std::optional<CloseReason> parse_close_reason(std::string_view word) {
  for (int i = 0; i < kCloseReasons; ++i) {
    const auto reason = static_cast<CloseReason>(i);
    if (to_string(reason) == word) return reason;
  }
  return std::nullopt;
}

}  // namespace amb
