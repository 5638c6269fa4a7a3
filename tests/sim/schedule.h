// SPDX-License-Identifier: Apache-2.0
//
// One seed from its first connection to its last acknowledgement: the data path on the fake kernel, in a
// world that the seed makes up, judged by the oracle. In two files: the run (schedule.cc) and what happens
// around our program (schedule_world.cc).
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "sim/fake_kernel/kernel.h"
#include "sim/oracle.h"
#include "sim/pair.h"
#include "sim/peer.h"
#include "sim/scenario.h"
#include "sim/sim_worker.h"

namespace amb::sim {

class Schedule final : public World, public SimWorkerEvents {
 public:
  Schedule(std::uint64_t seed, bool traces, Coverage& coverage);

  /// Returns when all is over and well; what is not ends the program.
  void run();

 private:
  // World
  void on_wait(int timeout_ms) override;
  void between_calls() override { (void)act(); }
  int on_connect(Connection& connection, std::uint16_t port) override;
  Connection& make_connection() override { return kernel_.make<Connection>(); }

  // SimWorkerEvents
  void on_session_opened(Session& session) override;
  void on_session_ended(const Session& session, const CloseRecord& record) override;
  void on_resolve_wanted(LinkId link) override;
  void on_accepting_paused() override;
  void on_endpoint_ejected() override { kernel_.saw(Seen::endpoint_ejected); }
  void on_endpoint_back() override { kernel_.saw(Seen::endpoint_back); }
  void on_cut(CloseReason reason) override;
  void on_endpoint_cut(LinkId link) override;
  void on_link_changed(LinkId link) override;
  void on_elsewhere_cut(LinkId link) override;
  void on_turn_end() override;

  static Route route_of(const Pair& pair, std::vector<Endpoint> endpoints);
  static std::vector<Endpoint> endpoints_of(const Pair& pair, std::size_t count);
  void listen();
  void come_to_rest();
  void check_nothing_is_left();

  bool act();
  bool act_on_pair(Pair& pair);
  bool act_on_peer(Peer& peer);
  bool act_on_network(Connection& connection);
  bool network_step(Connection& connection, std::uint64_t which);
  std::uint64_t portion(std::uint64_t most);
  void shape(Connection& connection);
  bool answer(Pair& pair, Attempt& attempt);
  void steer();
  void rewire();
  void stop_process();
  void deliver_everything();
  void jump(Ms deadline);
  Ms next_event() const;
  bool time_out(Connection& connection);
  bool begin_ending();
  void check_spinning();

  Random plan_;  ///< Before the kernel's, so that the scenario does not depend on what happens.
  Scenario scenario_;
  Kernel kernel_;
  std::vector<Pair> pairs_;
  std::list<Peer> peers_;
  std::vector<Peer*> far_ends_;
  std::unique_ptr<Oracle> oracle_;
  std::unique_ptr<SimWorker> worker_;
  std::uint32_t acts_ = 0;
  std::uint64_t last_progress_ = 0;
  int turns_without_progress_ = 0;
  int turns_ = 0;
  int jumps_ = 0;  ///< In a row, without anything that could happen before.
  bool is_ending_ = false;
};

}  // namespace amb::sim
