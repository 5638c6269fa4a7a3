// SPDX-License-Identifier: Apache-2.0
//
// Owns the running wiring: listening sockets, workers, what is known of endpoints. At any time exactly one
// wiring is live.
//
//   open()   binds every address, listens on none; all problems at once, or everything is ours
//   start()  listens and lets the workers run
//   drain()  no new sessions; tells when the last one has ended and the kernel has sent everything
//
// On the control thread, but for the WorkerEvents, which only post to it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "app/endpoint_keeper.h"
#include "app/journal.h"
#include "net/listening.h"
#include "proxy/session_budget.h"
#include "proxy/worker.h"
#include "wiring/wiring.h"

namespace amb {

class Supervisor final : private WorkerEvents, private EndpointKeeperEvents {
 public:
  struct Plan {
    const std::vector<Link>& links;
    unsigned workers = 1;
    std::size_t max_sessions = 1;
    std::size_t pipes_per_worker = 0;
  };

  /// Null after logging every address that could not be had.
  static std::unique_ptr<Supervisor> open(boost::asio::io_context& io, const Plan& plan, Journal& journal);
  ~Supervisor();

  [[nodiscard]] bool start();

  /// Calls `on_drained` once no session is left and no closed socket owes its peer anything.
  void drain(std::move_only_function<void()> on_drained);

  /// Ends every session by reset and says how many there were.
  std::size_t cut(CloseReason reason);

  std::size_t open_sessions() const { return budget_.open(); }
  void flush_notices();  ///< Logs what the workers have said so far.
  void stop_workers();   ///< Ends and joins their threads.

 private:
  struct Bound {
    std::size_t link;
    BoundListener listener;
  };

  Supervisor(boost::asio::io_context& io, const Plan& plan, Journal& journal);
  bool bind_all();
  bool open_workers();
  std::vector<Route> first_routes();
  std::vector<SocketAddress> listening_addresses() const;
  Result<void> hand_out(Bound& bound);
  std::vector<std::uint16_t> our_ports() const;  ///< Listened on and dialled.
  void await_unsent();

  // WorkerEvents, on a worker's thread
  void on_notices() override;
  void on_resolve_wanted(LinkId link) override;
  void on_drained() override;

  // EndpointKeeperEvents
  void on_route(const RouteUpdate& update) override;
  void on_endpoint_cut(LinkId link, const SocketAddress& endpoint) override;

  boost::asio::io_context& io_;
  Plan plan_;
  Journal& journal_;
  SessionBudget budget_;
  std::vector<Bound> bound_;
  std::unique_ptr<EndpointKeeper> endpoints_;
  std::vector<std::unique_ptr<Worker>> workers_;
  boost::asio::steady_timer unsent_timer_;
  std::move_only_function<void()> on_all_drained_;
  std::size_t workers_drained_ = 0;
};

}  // namespace amb
