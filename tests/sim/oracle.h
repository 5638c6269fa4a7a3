// SPDX-License-Identifier: Apache-2.0
//
// What must hold whatever happens: a session is two ideal pipes. The oracle knows only what the fake kernel
// saw and what the session says of its end, never how the data path works inside.
#pragma once

#include <vector>

#include "sim/fake_kernel/kernel.h"
#include "sim/pair.h"

namespace amb::sim {

/// As decision 0003 has it: a connection that was lost is emptied within this time, or given up.
inline constexpr Ms kDeliveryTotal = 30'000;

class Oracle final : public Witness {
 public:
  Oracle(Kernel& kernel, std::vector<Pair>& pairs);

  /// Our program sends an end.
  void on_fin(Connection& connection) override;

  /// Our program is about to sleep. Nothing may be left to do that no edge will tell of, nothing may be kept
  /// that is not needed, and no timer may be overdue. `kept_bytes` is what sessions have buffers for.
  void check_asleep(std::size_t kept_bytes);

  void check_ended(const Pair& pair, const CloseRecord& record);

  /// Everything has come to rest: what was said to be complete must have arrived.
  void check_finally();

  /// No byte is in our hands.
  bool is_nothing_kept() const;

  /// Left alone, will time alone end it?
  bool ends_by_itself(const Pair& pair) const;

 private:
  void check_awake(const Pair& pair, const Connection& source, const Connection& sink);
  void check_timers(const Pair& pair);
  void check_memory(std::size_t kept_bytes);
  void check_reason(const Pair& pair, CloseReason reason);
  void check_clean(const Pair& pair);
  void check_losers(const Pair& pair);
  void check_resets(const Pair& pair);
  void check_delivery(const Pair& pair, const Connection& lost, const Connection& survivor);
  void cover(const Pair& pair, CloseReason reason);
  void require(bool holds, const char* otherwise) {
    if (!holds) kernel_.fail(otherwise);
  }
  Ms quiet_limit(const Pair& pair) const;

  Kernel& kernel_;
  std::vector<Pair>& pairs_;
};

}  // namespace amb::sim
