// SPDX-License-Identifier: Apache-2.0
//
// Why a session ended. Every session has exactly one reason; it is the log field, the counter's label and
// what tests assert. The list is closed: a new reason is a change of the product's interface.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace amb {

enum class CloseReason : std::uint8_t {
  eof,                ///< Both sides ended and every byte was passed on.
  client_reset,       ///< The downstream reset the connection.
  upstream_reset,     ///< The upstream did.
  client_dead,        ///< The downstream stopped acknowledging.
  upstream_dead,      ///< The upstream did.
  idle_timeout,       ///< No byte either way for the link's idle_timeout.
  halfclose_timeout,  ///< One side had ended, and no byte moved for half_close_timeout.
  connect_refused,    ///< The only endpoint refused or could not be reached.
  connect_timeout,    ///< The only endpoint did not answer in time.
  no_upstream,        ///< No address is known, or every one of several endpoints failed.
  limit,              ///< We are out of descriptors, ports or memory for the upstream leg.
  endpoint_down,      ///< Its endpoint was found down, and the link's on_down says so.
  drain_deadline,     ///< Still open when the drain's time was up.
  removed,            ///< By the operator: its link went, leads elsewhere or is drained, or it was closed.
  internal,           ///< A bug of ours.
};

inline constexpr int kCloseReasons = 15;

/// The word in logs and metrics: "client_reset".
std::string_view to_string(CloseReason reason);

/// Whose doing it was: "both" for an end that both sides wanted, "downstream", "upstream", "link" for its
/// time limits, "operator", "ourselves".
std::string_view blamed_side(CloseReason reason);

/// Whether it says that no endpoint could be connected to.
constexpr bool is_connect_failure(CloseReason reason) {
  return reason == CloseReason::connect_refused || reason == CloseReason::connect_timeout ||
         reason == CloseReason::no_upstream;
}

/// Of its word; nothing for any other.
std::optional<CloseReason> parse_close_reason(std::string_view word);

}  // namespace amb
