// SPDX-License-Identifier: Apache-2.0
//
// What a session needs of the worker that it lives in. The worker implements it; a simulator can too.
#pragma once

#include <cstddef>

#include "loop/event_loop.h"
#include "net/compact_address.h"
#include "proxy/held_buffer.h"
#include "proxy/pipe_pool.h"
#include "proxy/receive_buffer.h"
#include "proxy/route.h"
#include "proxy/upstream.h"
#include "proxy/worker_report.h"

namespace amb {

class Session;
class Connector;

/// One registration per socket for its whole life: edges for both directions, for the peer's end and for
/// urgent data.
inline constexpr std::uint32_t kStreamEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;

class SessionHost {
 public:
  virtual EventLoop& loop() = 0;
  virtual const Route& route(LinkId link) = 0;
  virtual Upstream& upstream(LinkId link) = 0;
  virtual ReceiveBuffer& receive_buffer() = 0;  ///< Released when the turn ends.
  virtual HeldBufferPool& buffers() = 0;
  virtual PipePool& pipes() = 0;

  /// Asks the control thread to look the link's names up again, soon.
  virtual void refresh(LinkId link) = 0;

  /// The same, and `connector` hears on_endpoints() when there is an answer, changed or not.
  virtual void resolve_for(Connector& connector) = 0;
  /// `connector` hears on_endpoints() when there is any news of its link's endpoints.
  virtual void wait_for_endpoints(Connector& connector) = 0;

  virtual void on_endpoint_failed(LinkId, const CompactAddress&) {}  ///< Of a link that is checked.
  virtual void on_endpoint_ejected(LinkId link, const CompactAddress& endpoint, int error) = 0;
  virtual void on_endpoint_back(LinkId link, const CompactAddress& endpoint) = 0;

  /// How the link's sessions fare, for who is asked.
  virtual LinkCounts& counts(LinkId link) = 0;
  virtual WaitHistogram& answer_times(AppProtocol protocol) = 0;
  virtual bool may_glimpse() const = 0;

  virtual void on_answered(LinkId) {}  ///< The first byte for the consumer, or the end without one.
  virtual void on_held_back_end(std::uint32_t) {}  ///< Of a session with that mark, by its consumer.

  /// The session has closed both legs. It stays in memory until the turn ends.
  virtual void on_session_closed(Session& session) = 0;

 protected:
  ~SessionHost() = default;
};

}  // namespace amb
