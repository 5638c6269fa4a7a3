// SPDX-License-Identifier: Apache-2.0
//
// The program at the far end of a connection: writes, reads and ends as its plan says, a step at a time.
#pragma once

#include "sim/fake_kernel/connection.h"
#include "sim/scenario.h"

namespace amb::sim {

class Peer {
 public:
  Peer(Connection& connection, PeerPlan plan) : connection_(connection), plan_(plan) {}

  /// Does one thing that it can do now; false when there is none.
  bool step(Random& random, Ms now);
  /// Ends properly from here on, reading everything.
  void wind_up();
  /// When it reads again, or 0.
  Ms resumes_at(Ms now) const { return resumes_at_ > now ? resumes_at_ : 0; }
  /// It takes everything and has ended its own writing, or will when it has written all.
  bool ends_in_order() const { return plan_.ending == Ending::finish; }

  Connection& connection() const { return connection_; }

 private:
  bool act(Random& random, Ms now, std::uint64_t which);
  bool write(Random& random);
  bool read(Random& random, Ms now);
  bool finish();
  bool end_suddenly();

  Connection& connection_;
  PeerPlan plan_;
  std::uint64_t sent_ = 0;
  std::uint32_t steps_ = 0;
  Ms resumes_at_ = 0;
};

}  // namespace amb::sim
