// SPDX-License-Identifier: Apache-2.0
//
// Checks, before a link is led there, whether its new targets are up: each name is looked up, and then each
// address is asked once, by the link's health check or by connecting. All targets at the same time, within
// one timeout. On the control thread, which goes on meanwhile.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "admin/control.h"
#include "discovery/link_resolver.h"
#include "wiring/wiring.h"

namespace amb {

struct Examination {
  std::vector<TargetFinding> findings;   ///< In the targets' order.
  std::vector<SocketAddress> addresses;  ///< All that the targets lead to, asked or not.
  std::uint64_t left_out = 0;            ///< Addresses and targets beyond the most that are asked.

  bool is_any_well() const;
};

class TargetExaminer {
 public:
  /// Addresses of one examination that are asked. All targets have the same share of them, and where there
  /// are more targets, the first ones are examined.
  static constexpr std::size_t kMostAsked = 16;

  /// `most_at_once` connections of all examinations together; others wait for their turn.
  TargetExaminer(boost::asio::io_context& io, LookUpsOnce look_ups, std::size_t most_at_once);

  /// Ends soon after `timeout` at the latest. Of `link` it takes the targets and how they are checked.
  boost::asio::awaitable<Examination> examine(Link link, std::chrono::milliseconds timeout);

 private:
  struct Shared;
  struct Course;
  static boost::asio::awaitable<void> examine_target(std::shared_ptr<Course> course, std::size_t index);
  static boost::asio::awaitable<void> take_places(std::shared_ptr<Course> course, std::size_t index);
  static boost::asio::awaitable<void> ask_address(std::shared_ptr<Course> course, std::size_t index,
                                                  std::size_t place);
  static boost::asio::awaitable<void> ask_in_turn(std::shared_ptr<Course> course, std::size_t index,
                                                  std::size_t place);

  std::shared_ptr<Shared> shared_;
};

/// "0.4 ms", "250 ms", "3 s", "1.5 s".
std::string wait_text(std::chrono::microseconds time);

}  // namespace amb
