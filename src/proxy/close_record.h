// SPDX-License-Identifier: Apache-2.0
//
// What is said of a session that ended: made on the worker, formatted on the control thread.
#pragma once

#include <cstdint>
#include <memory>

#include "loop/timer_wheel.h"
#include "net/compact_address.h"
#include "proxy/app_protocol.h"
#include "proxy/close_reason.h"
#include "proxy/route.h"
#include "proxy/tls_hello.h"

namespace amb {

struct CloseRecord {
  LinkId link = 0;
  CloseReason reason = CloseReason::eof;
  bool is_recorded = true;     ///< It leaves a line.
  bool is_traced = false;      ///< It leaves a span.
  bool was_connected = false;  ///< There was an upstream leg.
  bool has_spliced = false;    ///< Bytes went through a pipe; else all were copied.
  int error = 0;               ///< errno behind the reason, 0 if there was none.
  CompactAddress downstream;
  CompactAddress upstream;  ///< Unset when no attempt was made.
  std::uint64_t bytes_to_upstream = 0;
  std::uint64_t bytes_to_downstream = 0;
  AppProtocol protocol = AppProtocol::none;
  std::unique_ptr<const TlsHello> hello;  ///< Null where there was none.
  Milliseconds connect_time = 0;          ///< From accept to the upstream leg, or to giving up.
  Milliseconds life_time = 0;             ///< From accept to close.
};

}  // namespace amb
