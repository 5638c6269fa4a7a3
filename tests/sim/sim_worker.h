// SPDX-License-Identifier: Apache-2.0
//
// The worker of a schedule: what Worker does for its sessions and listeners, on the caller's thread, and with
// each session in a heap block of its own, so that AddressSanitizer sees one that is used after its end.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "loop/event_loop.h"
#include "proxy/listener.h"
#include "proxy/pipe_pool.h"
#include "proxy/route_table.h"
#include "proxy/session.h"
#include "proxy/session_host.h"

namespace amb::sim {

/// Hears what becomes of the sessions.
class SimWorkerEvents {
 public:
  virtual void on_session_opened(Session& session) = 0;
  virtual void on_session_ended(const Session& session, const CloseRecord& record) = 0;
  virtual void on_resolve_wanted(LinkId link) = 0;
  virtual void on_accepting_paused() = 0;
  virtual void on_endpoint_ejected() = 0;
  virtual void on_endpoint_back() = 0;
  virtual void on_link_changed(LinkId link) = 0;   ///< From now on it leads elsewhere.
  virtual void on_elsewhere_cut(LinkId link) = 0;  ///< A session of it ends now.
  virtual void on_endpoint_cut(LinkId link) = 0;   ///< The sessions that it has end now.
  virtual void on_cut(CloseReason reason) = 0;     ///< Every open session ends now.
  virtual void on_turn_end() = 0;

 protected:
  ~SimWorkerEvents() = default;
};

class SimWorker final : private SessionHost, private ListenerHost {
 public:
  struct Limits {
    std::size_t sessions;
    std::size_t pipes;
  };
  SimWorker(std::vector<Route> routes, Limits limits, SimWorkerEvents& events);
  ~SimWorker();

  [[nodiscard]] bool add_listener(LinkId link, int fd);
  void run();
  void stop() { loop_->stop(); }

  // As from the control thread: posted, so that the loop is woken.
  void update(RouteUpdate update);
  void change(Route route);  ///< The link leads elsewhere.
  void cut_elsewhere(LinkId link);
  void cut_endpoint(LinkId link, const SocketAddress& endpoint);
  void drain();
  void cut(CloseReason reason);

  const RouteLimits& limits(LinkId link) const { return routes_.route(link).limits; }
  std::size_t open_sessions() const { return open_.size(); }
  std::size_t free_slots() const { return slots_; }
  /// In the pool, for whoever needs them next.
  std::size_t idle_buffer_bytes() const { return buffers_.idle_bytes(); }
  /// Closes every pipe that nobody uses; how many exist then.
  std::size_t open_pipes_after_trimming();

 private:
  struct Sweep final : Timer {
    explicit Sweep(SimWorker& owner) : worker(owner) {}
    void on_timer() override { worker.sweep_silent_peers(); }
    SimWorker& worker;
  };
  struct Trim final : Timer {
    explicit Trim(SimWorker& owner) : worker(owner) {}
    void on_timer() override {
      worker.pipes_.trim();
      worker.buffers_.trim();
    }
    SimWorker& worker;
  };

  // SessionHost
  EventLoop& loop() override { return *loop_; }
  const Route& route(LinkId link) override { return routes_.route(link); }
  Upstream& upstream(LinkId link) override { return routes_.upstream(link); }
  ReceiveBuffer& receive_buffer() override;
  HeldBufferPool& buffers() override { return buffers_; }
  PipePool& pipes() override { return pipes_; }
  LinkCounts& counts(LinkId link) override { return routes_.counts(link); }
  WaitHistogram& answer_times(AppProtocol) override { return answers_; }
  bool may_glimpse() const override { return true; }
  void refresh(LinkId link) override;
  void resolve_for(Connector& connector) override;
  void wait_for_endpoints(Connector& connector) override { routes_.wait(connector); }
  void on_endpoint_ejected(LinkId, const CompactAddress&, int) override { events_.on_endpoint_ejected(); }
  void on_endpoint_back(LinkId, const CompactAddress&) override { events_.on_endpoint_back(); }
  void on_session_closed(Session& session) override;

  // ListenerHost
  bool take_session_slot(LinkId) override;
  void return_session_slot(LinkId) override { ++slots_; }
  bool has_memory() override { return true; }
  void open_session(LinkId link, UniqueFd downstream, const CompactAddress& peer) override;
  void on_accept_failed(LinkId, int) override { events_.on_accepting_paused(); }
  void on_session_limit(LinkId) override;
  bool suspects_loop() override { return false; }

  void end_turn();
  void sweep_silent_peers();

  std::unique_ptr<EventLoop> loop_;
  RouteTable routes_;
  SimWorkerEvents& events_;
  WaitHistogram answers_;
  HeldBufferPool buffers_;
  PipePool pipes_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<Session>> open_;
  std::vector<std::unique_ptr<Session>> closed_;  ///< Freed when the turn ends.
  std::size_t slots_;
  Sweep sweep_{*this};
  Trim trim_{*this};
  bool is_draining_ = false;
};

}  // namespace amb::sim
