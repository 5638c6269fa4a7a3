// SPDX-License-Identifier: Apache-2.0
//
// A link on real workers inside the test, listening on a free port. At the end of every case it settles: no
// session left, no descriptor more than before, and every session that failed had been expected to.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/address.h"
#include "net/unix_place.h"
#include "proxy/worker.h"

namespace amb::test {

/// AMB_TEST_RELAY=copy plays the whole specification without splicing.
std::size_t pipes_to_test();

struct LinkSetup {
  std::vector<SocketAddress> endpoints;
  RouteLimits limits;
  Spreading spreading;
  unsigned workers = 1;
  std::size_t max_sessions = 1000;
  bool has_names = false;
  std::size_t pipes = pipes_to_test();  ///< 0 copies everything.
  std::optional<SocketAddress> listen;  ///< Default: a free port on 127.0.0.1.
  std::vector<Endpoint> special = {};   ///< Instead of `endpoints`, where something is special about them.
  bool is_settling = false;
  bool is_refusing = false;
  bool watches_loops = false;
  bool is_checked = false;
};

/// Another wiring, in the words of a test. The first listener has number 0, as has the first link.
struct Rewiring {
  struct Opened {
    ListenerId id;
    LinkId link;
    SocketAddress address;
  };
  std::vector<Route> routes = {};
  std::vector<Opened> opened = {};
  std::vector<MovedListener> moved = {};
  std::vector<ListenerId> closed = {};
  std::vector<LinkId> removed = {};
};

class RunningLink final : private WorkerEvents {
 public:
  explicit RunningLink(LinkSetup setup);
  explicit RunningLink(const SocketAddress& endpoint) : RunningLink(LinkSetup{.endpoints = {endpoint}}) {}
  ~RunningLink();

  const SocketAddress& address() const { return address_; }

  /// Waits until the sessions that failed so far are exactly those with these reasons, in any order.
  void expect_failures(std::vector<CloseReason> reasons);
  /// For more sessions than notices are kept of: at least one failed, and none for another reason.
  void expect_only_failures_of(CloseReason reason);
  /// For who judges the reasons himself: those of the sessions that failed so far.
  const std::vector<CloseReason>& failures();
  void expect_open_sessions(std::size_t count);
  void expect_connected(std::size_t count);  ///< So many are, and no others are open.
  std::size_t open_sessions() const { return budget_.open(); }
  std::size_t resolve_requests() const { return resolve_requests_; }
  bool was_told_of_accept_failure() { return collect(), accept_failures_ > 0; }
  std::size_t ejections() { return collect(), ejections_; }
  /// Endpoints of a link that is checked, as often as a failed connect was told.
  const std::vector<CompactAddress>& suspects() { return collect(), suspects_; }
  std::size_t returns() { return collect(), returns_; }
  std::size_t loops() { return collect(), loops_; }
  std::optional<SessionLimitReached> session_limit() { return collect(), session_limit_; }

  void set_endpoints(const std::vector<SocketAddress>& endpoints);
  void update(RouteUpdate update);  ///< Its link is ours.
  void cut_endpoint(const SocketAddress& endpoint);
  void settle();  ///< Until every worker has taken in what it was told.
  // And so do these.
  void change(const Rewiring& rewiring);
  void rewire(const std::vector<SocketAddress>& endpoints);  ///< The first link.
  void cut_elsewhere();                                      ///< Of the first link.
  void cut_link(LinkId link);
  bool close_session(std::uint32_t number, std::size_t worker = 0);  ///< Whether there was such a one.
  WorkerReport report(std::size_t worker = 0);                       ///< With its sessions.
  WorkerReport report_of_links();
  WorkerReport report_of_paths();
  LinkReport link_report(LinkId link = 0);  ///< Of the first worker.
  void drain();
  bool is_drained() const { return drained_ == workers_.size(); }
  bool is_gone() const { return gone_ == workers_.size(); }
  void cut(CloseReason reason);

 private:
  void on_notices() override {}
  void on_resolve_wanted(LinkId) override { ++resolve_requests_; }
  void on_drained() override { ++drained_; }
  void on_link_gone(LinkId) override { ++gone_; }
  void collect();
  WorkerReport ask(Worker& worker, Worker::Detail detail);

  std::size_t descriptors_before_;
  SessionBudget budget_;
  LoopWatch loop_watch_;
  SocketAddress address_;
  UnixPlace place_;  ///< Where address_ is a path.
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<CloseReason> failures_;
  std::atomic<std::size_t> resolve_requests_{0};
  std::atomic<std::size_t> drained_{0};
  std::atomic<std::size_t> gone_{0};
  std::size_t accept_failures_ = 0;
  std::size_t ejections_ = 0;
  std::vector<CompactAddress> suspects_;
  std::size_t returns_ = 0;
  std::size_t loops_ = 0;
  std::optional<SessionLimitReached> session_limit_;
  bool failures_were_expected_ = false;
};

/// Endpoints with nothing special about them, tried in this order.
std::vector<Endpoint> plain_endpoints(const std::vector<SocketAddress>& addresses);

/// A link that leads there, its options as by default.
Route leading(LinkId link, const std::vector<SocketAddress>& endpoints);

/// An address of this host that nobody has, and of a host address that no other test uses. A listener keeps
/// it while it refuses, as those of links do.
SocketAddress free_address();

/// Of a provider that has just gone.
SocketAddress closed_address();

/// Whether the kernel turns a consumer away.
bool is_refused(const SocketAddress& address);

/// Open descriptors of this process.
std::size_t count_descriptors();

}  // namespace amb::test
