// SPDX-License-Identifier: Apache-2.0
//
// A data-plane thread: its loop, its listeners, its sessions, its table of routes. Workers share nothing
// but the session budgets; everything else crosses as a posted value.
//
// Threads: open(), start(), stop() and the destructor belong to the control thread; what only posts may be
// called from any; WorkerEvents and what is handed to report() and close_session() are called on the worker's
// own thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "base/intrusive_list.h"
#include "base/slab.h"
#include "loop/event_loop.h"
#include "proxy/listener.h"
#include "proxy/loop_probe.h"
#include "proxy/loop_watch.h"
#include "proxy/notice.h"
#include "proxy/pipe_pool.h"
#include "proxy/route_table.h"
#include "proxy/session.h"
#include "proxy/session_budget.h"
#include "proxy/session_host.h"
#include "proxy/wiring_change.h"
#include "proxy/worker_report.h"

namespace amb {

/// What a worker tells the control plane, on the worker's thread: implementations only post.
class WorkerEvents {
 public:
  virtual void on_notices() = 0;                    ///< take_notice() has something.
  virtual void on_resolve_wanted(LinkId link) = 0;  ///< Answer with update(), changed or not.
  virtual void on_drained() = 0;                    ///< After drain(): no session is left.
  virtual void on_link_gone(LinkId link) = 0;       ///< After its removal: no session of it is left.

 protected:
  ~WorkerEvents() = default;
};

class Worker final : private SessionHost, private ListenerHost, private LoopProbeOwner {
 public:
  /// `most_pipes` bounds the pipes for splicing; 0 copies always.
  static Result<std::unique_ptr<Worker>> open(std::vector<Route> routes, SessionBudget& budget,
                                              WorkerEvents& events, std::size_t most_pipes);
  ~Worker();

  /// Gives the worker a listening socket. Before start() only.
  Result<void> add_listener(ListenerId id, LinkId link, UniqueFd fd);
  /// Of sessions that end well, so many of a hundred leave a record, as those that fail all do. Before
  /// start() only.
  void record_ends(unsigned percent) { recorded_.percent = percent; }
  /// The same for spans, of which there are none unless this is called. Before start() only.
  void trace_ends(unsigned percent) {
    is_tracing_ = true;
    traced_.percent = percent;
  }
  /// Looks at the first bytes of sessions (glimpse.h), unless told not to. Before start() only.
  void glimpse(bool is_allowed) { may_glimpse_ = is_allowed; }
  /// Finds links that lead back to us over others (loop_probe.h), and ends that. Before start() only.
  void watch_loops(LoopWatch& watch, unsigned workers);
  void start();

  // Posted.
  void change(WiringChange change);
  void update(RouteUpdate update);
  void drain();                  ///< Accept what is queued, then no more; reports on_drained().
  void cut(CloseReason reason);  ///< Ends every session by reset.
  /// Ends those at one endpoint by reset, reason endpoint_down.
  void cut_endpoint(LinkId link, const SocketAddress& endpoint);
  /// Ends those of a link by reset, reason removed: all, or those at endpoints it leads to no longer.
  void cut_link(LinkId link);
  void cut_elsewhere(LinkId link);

  enum class Detail : std::uint8_t { links, sessions, paths };
  static constexpr std::size_t kMostPaths = 256;
  void report(Detail detail, std::move_only_function<void(WorkerReport)> take);
  /// By reset, reason removed. `tell` hears whether there was such a session.
  void close_session(std::uint32_t number, std::move_only_function<void(bool)> tell);

  void stop();  ///< Ends the thread after what was posted before, and waits for it.

  std::optional<Notice> take_notice() { return notices_.pop(); }  ///< Control thread only.
  std::uint64_t dropped_notices() const { return notices_.dropped(); }

 private:
  /// Every so many of a hundred, evenly.
  struct Sampling {
    unsigned percent = 0;
    unsigned credit = 0;
    bool takes() {
      credit += percent;
      if (credit < 100) return false;
      credit -= 100;
      return true;
    }
  };

  struct Sweep final : Timer {
    explicit Sweep(Worker& owner) : worker(owner) {}
    void on_timer() override { worker.sweep_silent_peers(); }
    Worker& worker;
  };

  struct Trim final : Timer {
    explicit Trim(Worker& owner) : worker(owner) {}
    void on_timer() override {
      worker.pipes_.trim();
      worker.buffers_.trim();
    }
    Worker& worker;
  };

  struct Held final : Timer {
    explicit Held(Worker& owner) : worker(owner) {}
    void on_timer() override { worker.look_at_held(); }
    Worker& worker;
  };

  /// The link that was last tried, and where it leads.
  struct Tried {
    LinkId link = 0;
    CompactAddress endpoint;
  };

  Worker(std::unique_ptr<EventLoop> loop, std::vector<Route> routes, SessionBudget& budget,
         WorkerEvents& events, std::size_t most_pipes);

  // SessionHost
  EventLoop& loop() override { return *loop_; }
  const Route& route(LinkId link) override { return routes_.route(link); }
  Upstream& upstream(LinkId link) override { return routes_.upstream(link); }
  ReceiveBuffer& receive_buffer() override { return receive_buffer_; }
  HeldBufferPool& buffers() override { return buffers_; }
  PipePool& pipes() override { return pipes_; }
  void refresh(LinkId link) override;
  void resolve_for(Connector& connector) override;
  void wait_for_endpoints(Connector& connector) override { routes_.wait(connector); }
  void on_endpoint_failed(LinkId link, const CompactAddress& endpoint) override {
    say(EndpointFailed{link, endpoint});
  }
  void on_endpoint_ejected(LinkId link, const CompactAddress& endpoint, int error) override {
    say(EndpointEjected{link, endpoint, error});
  }
  void on_endpoint_back(LinkId link, const CompactAddress& endpoint) override {
    say(EndpointBack{link, endpoint});
  }
  LinkCounts& counts(LinkId link) override { return routes_.counts(link); }
  WaitHistogram& answer_times(AppProtocol protocol) override {
    return answers_[static_cast<std::size_t>(protocol)];
  }
  bool may_glimpse() const override { return may_glimpse_; }
  void on_session_closed(Session& session) override;
  void on_answered(LinkId link) override;
  void on_held_back_end(std::uint32_t mark) override { loops_->end(mark); }

  // ListenerHost
  bool take_session_slot(LinkId link) override;
  void return_session_slot(LinkId link) override;
  bool has_memory() override;
  void open_session(LinkId link, UniqueFd downstream, const CompactAddress& peer) override;
  void on_accept_failed(LinkId link, int error) override;
  void on_session_limit(LinkId link) override;
  bool suspects_loop() override { return suspects_loop_; }

  // worker_loops.cc
  std::size_t suspicious(LinkId link);
  bool is_held_back(Session& session);
  void try_for_loop(LinkId link);
  void on_loop_tried(bool is_loop) override;
  void look_at_held();

  void run();
  void end_turn();
  void tell_notices();
  void apply(RouteUpdate update);
  void apply(WiringChange change);
  void tell_links_gone();
  template <class Which>
  void cut_those(Which which);
  WorkerReport make_report(Detail detail);
  void look_at_paths(WorkerReport& report, const std::vector<std::size_t>& place_of);
  void sweep_silent_peers();
  void arm_sweep(Milliseconds span);
  Milliseconds sweep_period() const;
  void say(Notice notice);
  void sample(CloseRecord& record);
  bool may_repeat(Milliseconds& last_said);

  std::unique_ptr<EventLoop> loop_;
  RouteTable routes_;
  SessionBudget& budget_;
  WorkerEvents& events_;
  ReceiveBuffer receive_buffer_;
  HeldBufferPool buffers_;
  PipePool pipes_;
  std::vector<std::unique_ptr<Listener>> listeners_;

  Slab<Session> slab_;
  IntrusiveList<Session, SessionTag> open_;
  IntrusiveList<Session, SessionTag> closed_;  ///< Freed at the end of the turn.
  std::size_t open_count_ = 0;
  std::uint32_t last_number_ = 0;
  std::array<WaitHistogram, kAppProtocols> answers_{};
  bool may_glimpse_ = true;
  Sampling recorded_, traced_;
  bool is_tracing_ = false;
  std::uint64_t accept_failures_ = 0;
  std::uint64_t limit_pauses_ = 0;
  std::vector<LinkId> leaving_;  ///< Removed links that may still have sessions.

  Sweep sweep_{*this};
  Trim trim_{*this};
  Held held_{*this};
  LoopWatch* loops_ = nullptr;
  unsigned workers_ = 1;  ///< That share the places and a loop's sessions.
  LoopProbe probe_;
  Tried tried_;
  std::size_t luck_ = 0;
  Milliseconds sweep_period_;
  Milliseconds accept_failure_said_ = 0;
  bool has_paused_listeners_ = false;  ///< Since a session last ended.
  bool suspects_loop_ = false;
  bool is_draining_ = false;
  bool has_closed_listeners_ = false;  ///< In this turn, whose events may still name them.
  bool has_reported_drained_ = false;
  bool has_new_notices_ = false;

  NoticeRing notices_;
  std::thread thread_;
};

}  // namespace amb
