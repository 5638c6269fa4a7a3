// SPDX-License-Identifier: Apache-2.0
//
// The life of a session as a pure state machine: (state, event) → (state, actions). No system call, no clock,
// no allocation, so that the same code runs under the real loop, a simulator and a fuzzer.
//
// Phases:
//
//   connecting ──connected──▶ relaying ──both directions fin_out──▶ closed (clean, reason eof)
//       │                        │
//       │                        ├──a side is lost──▶ aborting ──all delivered, or given up──▶ closed (reset)
//       └──expire──▶ closed ◀────┴──expire
//
// Each direction on its own while relaying:
//
//   open ──input_end──▶ eof_in ──nothing held──▶ fin_out      (the FIN goes out on the last transition)
//
// What holds in every state:
//   - a FIN is sent only after the source's own FIN and after every byte before it;
//   - when a side is lost, what it had sent is still delivered, and then the other side is reset, never
//     ended: a failure must not look like a complete answer;
//   - a session has one reason, the first.
#pragma once

#include <array>
#include <cstdint>

#include "proxy/close_reason.h"
#include "proxy/direction.h"

namespace amb {

enum class Phase : std::uint8_t { connecting, relaying, aborting, closed };
enum class Half : std::uint8_t { open, eof_in, fin_out };

struct SessionState {
  Phase phase = Phase::connecting;
  std::array<Half, 2> half{Half::open, Half::open};  ///< By Direction.
  std::array<bool, 2> holds{false, false};           ///< Bytes read but not yet taken by the sink.
  Side lost = Side::downstream;                      ///< While aborting: the side that is gone.
  CloseReason reason = CloseReason::eof;

  /// May bytes be read for `direction` now? Not while it holds some: that is all the back-pressure there is.
  bool may_read(Direction direction) const;
  bool is_half_closed() const;
  bool operator==(const SessionState&) const = default;
};

enum class SessionEvent : std::uint8_t {
  connected,       ///< The upstream leg is up.
  connected_lost,  ///< It came up and was reset before we noticed; what it had sent may still be unread.
  held,            ///< The sink did not take all bytes of `direction`.
  flushed,         ///< It has now.
  input_end,       ///< The source of `direction` ended, and every byte before its FIN was read.
  input_failed,    ///< The source of `direction` is lost, and what it had sent was read.
  output_failed,   ///< The sink of `direction` is lost; what it had sent may still be unread.
  delivered,       ///< Aborting: the surviving side's kernel acknowledged everything.
  expire,          ///< End now, by reset: a timer, a limit, the operator.
};

/// What the caller must do, in this order of fields. Independent flags.
struct SessionActions {
  bool read = false;  ///< Try to read every direction that may_read(): an edge may have been missed.
  bool fin_to_upstream = false;
  bool fin_to_downstream = false;
  bool drop_held = false;       ///< Forget what is held towards the lost side.
  bool await_delivery = false;  ///< Watch the surviving side's send queue until it is empty.
  bool close_clean = false;     ///< Close both legs; the kernel delivers what is queued.
  bool close_reset = false;     ///< Close both legs with RST.

  bool operator==(const SessionActions&) const = default;
};

/// One step. `direction` matters for the directed events; `reason` for `expire` and for a side that is lost
/// otherwise than by reset (`eof` there means "work it out": client_reset or upstream_reset).
SessionActions step(SessionState& state, SessionEvent event, Direction direction = Direction::to_upstream,
                    CloseReason reason = CloseReason::eof);

}  // namespace amb
