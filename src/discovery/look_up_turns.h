// SPDX-License-Identifier: Apache-2.0
//
// How many questions to the resolver may be under way at once; the others wait here. Each holds sockets, and
// a name server that is silent holds them for seconds.
//
//   wanted     a session waits for the answer: first
//   due        then those whose time has come, in the order in which they came
//   doubtful   last, and never more than half of all: the name's last question was in vain
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>

namespace amb {

enum class Urgency { wanted, due, doubtful };

class LookUpTurns {
 public:
  explicit LookUpTurns(std::size_t sockets);
  LookUpTurns(const LookUpTurns&) = delete;
  LookUpTurns& operator=(const LookUpTurns&) = delete;

  /// Calls `begin` once it is its turn, which may be before this returns; never if `urgency` expires while it
  /// waits. The end of what it has begun is told with give_back().
  void take(std::weak_ptr<const Urgency> urgency, std::move_only_function<void(Urgency)> begin);
  void give_back(Urgency urgency);  ///< That `begin` was called with.

  /// That a question may have open at the same time. At least one question is under way, however few they
  /// are.
  void set_sockets_of_one(std::size_t sockets) { sockets_of_one_ = sockets; }

  std::size_t under_way() const { return under_way_; }
  std::size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::weak_ptr<const Urgency> urgency;
    std::move_only_function<void(Urgency)> begin;
  };

  std::size_t most() const { return std::max<std::size_t>(sockets_ / sockets_of_one_, 1); }
  void go_on();

  std::size_t sockets_;
  std::size_t sockets_of_one_ = 2;
  std::size_t under_way_ = 0;
  std::size_t doubtful_ = 0;  ///< Of these.
  std::list<Waiting> waiting_;
};

}  // namespace amb
