// SPDX-License-Identifier: Apache-2.0
//
// The addresses of one target now, looked up once and within a time, by the resolver that watches names for
// the links. A question that is not answered by then is left to itself.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "discovery/link_resolver.h"
#include "wiring/wiring.h"

namespace amb {

/// Hosts of a service that are looked up, the first by priority.
inline constexpr std::size_t kMostHostsOnce = 16;

struct LookedUp {
  EndpointList list;
  std::string
      why;  ///< A predicate, "does not resolve"; where there is neither an endpoint nor a refused one.
};

/// `said_timeout` is the time as people should read it: "3 s".
boost::asio::awaitable<LookedUp> look_up_target(boost::asio::io_context& io,
                                                std::shared_ptr<const LookUpsOnce> look_ups, Target target,
                                                std::chrono::steady_clock::time_point until,
                                                std::string said_timeout);

}  // namespace amb
