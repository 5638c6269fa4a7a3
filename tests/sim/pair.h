// SPDX-License-Identifier: Apache-2.0
//
// A consumer, the link that it connects to, and every connection that was made to a provider for it.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "proxy/close_record.h"
#include "sim/fake_kernel/connection.h"
#include "sim/fake_kernel/kernel.h"
#include "sim/scenario.h"

namespace amb::sim {

struct Attempt {
  Connection* connection;
  const EndpointPlan* plan;
  Answer answer;  ///< The plan's, but for a first attempt at an endpoint that starts again.
  Ms begun_at;
  Ms answers_at;

  /// Our program knows that it is up. One that met itself is none.
  bool is_up() const {
    return connection->told_connected_at() != 0 && !connection->is_closed() && answer != Answer::itself;
  }
};

struct Pair {
  PairPlan plan;
  LinkId link = 0;
  ListeningSocket* listener = nullptr;
  Connection* downstream = nullptr;  ///< Once the consumer has connected.
  std::vector<Attempt> attempts;
  std::size_t endpoints = 0;  ///< That the route has, or is about to have.
  bool was_rewired = false;   ///< Which of its endpoints the link leads to has changed.
  bool wants_resolver = false;
  Ms resolver_answers_at = 0;
  bool is_open = false;            ///< There is a session.
  bool has_ended = false;          ///< There was one.
  bool was_turned_away = false;    ///< There will be none.
  std::optional<CloseReason> cut;  ///< We have ended it.
  Ms opened_at = 0;
  static constexpr std::size_t kNone = ~std::size_t{0};
  mutable std::size_t winner = kNone;  ///< In attempts, as soon as it is known for sure.

  /// The attempt that became the session's leg; as long as none has, the last one.
  const Attempt* leg() const {
    if (winner == kNone) {
      const auto won = std::ranges::find_if(attempts, &Attempt::is_up);
      const bool is_sure = won != attempts.end() && std::ranges::count_if(attempts, &Attempt::is_up) == 1;
      if (is_sure) winner = static_cast<std::size_t>(won - attempts.begin());
    }
    if (attempts.empty()) return nullptr;
    return winner == kNone ? &attempts.back() : &attempts[winner];
  }
  /// The session was at this port when it ended; both legs may have come up and gone since anybody asked.
  void settle_leg(std::uint16_t port) {
    for (std::size_t i = attempts.size(); i > 0 && winner == kNone; --i) {
      const Attempt& attempt = attempts[i - 1];
      const bool was_up = attempt.connection->told_connected_at() != 0 && attempt.answer != Answer::itself;
      if (was_up && attempt.connection->peer_port == port) winner = i - 1;
    }
  }
  Connection* upstream() const { return attempts.empty() ? nullptr : leg()->connection; }
  /// Our program knows that both legs are up.
  bool is_relaying() const {
    return is_open && upstream() != nullptr && upstream()->told_connected_at() != 0 &&
           !upstream()->is_closed();
  }
  /// The resolver's answer may be on its way.
  bool may_have_one_endpoint() const { return was_rewired || endpoints == 1 || plan.known_endpoints == 1; }
  bool may_have_other_endpoints() const { return was_rewired || endpoints != 1 || plan.known_endpoints != 1; }
  /// An attempt that met itself is none.
  bool was_relaying() const {
    return upstream() != nullptr && upstream()->told_connected_at() != 0 && leg()->answer != Answer::itself;
  }
  bool is_done() const {
    return has_ended || was_turned_away || (downstream != nullptr && downstream->is_closed());
  }
  Ms last_moved() const {
    const Connection& provider = *upstream();
    return std::max({downstream->out.last_write, provider.out.last_write, provider.told_connected_at()});
  }
  /// When our program learnt of a first end, or 0.
  Ms half_closed_at() const {
    const Ms one = downstream->in.fin_read_at;
    const Ms other = upstream()->in.fin_read_at;
    return one == 0 || other == 0 ? std::max(one, other) : std::min(one, other);
  }
  bool has_lost_side() const { return downstream->is_lost() || upstream()->is_lost(); }
};

}  // namespace amb::sim
