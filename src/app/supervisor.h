// SPDX-License-Identifier: Apache-2.0
//
// Owns what runs: listening sockets, workers, what is known of endpoints. Which links there are is the
// table's; this makes the workers do it.
//
//   open()    binds every address, listens on none; all problems at once, or everything is ours
//   start()   listens and lets the workers run
//   change()  from the wiring that runs to another one, between two events of each worker
//   drain()   no new sessions; tells when the last one has ended and the kernel has sent everything
//
// On the control thread, but for the WorkerEvents, which only post to it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "app/endpoint_keeper.h"
#include "app/journal.h"
#include "app/link_shares.h"
#include "app/listener_set.h"
#include "app/trace_exporter.h"
#include "proxy/session_budget.h"
#include "proxy/worker.h"
#include "wiring/link_table.h"

namespace amb {

class Supervisor final : private WorkerEvents, private EndpointKeeperEvents {
 public:
  struct Plan {
    LinkTable& links;
    unsigned workers = 1;
    std::size_t max_sessions = 1;
    std::size_t pipes_per_worker = 0;
    AtOnce most = {};
    unsigned recorded_percent = 0;  ///< Of sessions that end well.
    bool has_glimpses = true;       ///< Workers look at the first bytes of sessions.
    /// Of sessions that end well, those that leave a span; nothing when none does.
    std::optional<unsigned> traced_percent;
  };

  /// Null after logging every address that could not be had.
  static std::unique_ptr<Supervisor> open(boost::asio::io_context& io, const Plan& plan, Journal& journal);

  [[nodiscard]] bool start();

  /// What another wiring does to the links that run. The table has it already.
  struct Change {
    std::vector<std::size_t> put;      ///< New or other than before.
    std::vector<std::size_t> removed;  ///< Their sessions go on or end as their on_rewire says.
  };
  ListenerSet& listeners() { return listeners_; }
  /// `staged` are the listeners that the table's links want; they listen already.
  void change(const Change& change, ListenerSet::Staged staged);

  /// Calls `on_drained` once no session is left and no closed socket owes its peer anything.
  void drain(std::move_only_function<void()> on_drained);

  /// Ends every session by reset and says how many there were.
  std::size_t cut(CloseReason reason);

  /// Who sends the spans; must outlive stop_workers().
  void send_spans_by(TraceExporter& traces) { traces_ = &traces; }

  EndpointKeeper& endpoints() { return *endpoints_; }
  const std::vector<std::unique_ptr<Worker>>& workers() const { return workers_; }
  const SessionBudget& budget() const { return budget_; }
  /// Where the control API is: no session is led there, whatever a name resolves to. Before start().
  void keep_from(std::vector<SocketAddress> control) { control_ = std::move(control); }
  std::size_t open_sessions() const { return budget_.open(); }
  /// Since when no session has room; nothing while one has.
  std::optional<SteadyTime> full_since();
  /// Before change(): links that are new get their share.
  void set_max_sessions(std::size_t most);
  std::size_t most_sessions(std::size_t link) const { return shares_.most(link); }
  void flush_notices();  ///< Logs what the workers have said so far.
  void stop_workers();   ///< Ends and joins their threads.

 private:
  /// A removed link whose sessions may go on.
  struct Leaving {
    std::size_t workers_done = 0;
    std::unique_ptr<boost::asio::steady_timer> deadline;
  };

  Supervisor(boost::asio::io_context& io, const Plan& plan, Journal& journal);
  bool bind_all();
  bool open_workers();
  std::vector<SocketAddress> first_addresses() const;
  std::vector<SocketAddress> own_places() const;  ///< Listeners and the control API.
  Route route(std::size_t link);
  bool hand_out(ListenerSet::Opened& opened);
  ListenerSet::Change commit(ListenerSet::Staged staged);
  void end_sessions_of(std::size_t link);
  void forget(LinkId link);
  std::vector<std::uint16_t> our_ports() const;  ///< Listened on and dialled.
  void await_unsent();
  void pass_on(const Notice& notice);

  // WorkerEvents, on a worker's thread
  void on_notices() override;
  void on_resolve_wanted(LinkId link) override;
  void on_drained() override;
  void on_link_gone(LinkId link) override;

  // EndpointKeeperEvents
  void on_route(const RouteUpdate& update) override;
  void on_endpoint_cut(LinkId link, const SocketAddress& endpoint) override;
  void on_elsewhere_cut(LinkId link) override;

  boost::asio::io_context& io_;
  LinkTable& links_;
  Journal& journal_;
  std::size_t pipes_per_worker_;
  AtOnce most_;
  unsigned recorded_percent_;
  bool has_glimpses_;
  std::optional<unsigned> traced_percent_;
  TraceExporter* traces_ = nullptr;
  SessionBudget budget_;
  LinkShares shares_;
  LoopWatch loop_watch_;
  ListenerSet listeners_;
  std::vector<SocketAddress> control_;
  ListenerSet::Staged first_;  ///< From open() to start().
  std::unique_ptr<EndpointKeeper> endpoints_;
  unsigned worker_count_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::map<std::size_t, Leaving> leaving_;
  boost::asio::steady_timer unsent_timer_;
  std::move_only_function<void()> on_all_drained_;
  std::size_t workers_drained_ = 0;
  std::optional<SteadyTime> full_since_;
};

}  // namespace amb
