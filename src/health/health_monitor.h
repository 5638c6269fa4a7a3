// SPDX-License-Identifier: Apache-2.0
//
// Checks the endpoints of links periodically, on the control thread. One question at a time for each
// endpoint, however slow it is; pauses are jittered, so that many endpoints are not asked at once. An
// endpoint that has begun to fail is asked again soon, and so is one where a session has just failed. A
// question that cannot be put for want of our own (no descriptor is left) changes nothing.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "health/health_count.h"
#include "net/address.h"
#include "wiring/wiring.h"

namespace amb {

class HealthEvents {
 public:
  /// The endpoint's health is another one now. `why` is for people: what the last check found.
  virtual void on_health(std::size_t link, const SocketAddress& endpoint, Health now,
                         const std::string& why) = 0;

 protected:
  ~HealthEvents() = default;
};

class HealthMonitor {
 public:
  /// Checks under way at once, all links together, unless fewer descriptors are to be had; more wait for
  /// their turn. Each holds a descriptor, and those are counted out among the sessions at the start.
  static constexpr std::size_t kMostChecks = 256;

  /// From 0 up to, but not, 1.
  using Draw = std::function<double()>;

  /// `io` must outlive the monitor; `draw` chooses the jitter.
  HealthMonitor(boost::asio::io_context& io, HealthEvents& events, Draw draw = random_draw(),
                std::size_t most_checks = kMostChecks);
  ~HealthMonitor();
  HealthMonitor(const HealthMonitor&) = delete;
  HealthMonitor& operator=(const HealthMonitor&) = delete;

  /// From now on these are the link's endpoints: new ones are asked at once, those that are gone no more, the
  /// others keep their health. Nothing is asked where `options.kind` is none. Tells nothing before it
  /// returns.
  void watch(std::size_t link, const HealthOptions& options, const std::vector<SocketAddress>& endpoints);

  /// Something speaks against the endpoint: it is asked at once, but not within 200 ms of its last answer,
  /// and after the question that is under way. Nothing for one that is down, or not watched.
  void ask_soon(std::size_t link, const SocketAddress& endpoint);

  /// Health::unknown for an endpoint that is not watched.
  Health health_of(std::size_t link, const SocketAddress& endpoint) const;

  static Draw random_draw();  ///< Of a generator of its own, seeded by the machine.

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace amb
