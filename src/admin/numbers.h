// SPDX-License-Identifier: Apache-2.0
//
// All that can be measured, as JSON for those who watch: what Prometheus is told, with the status beside it.
// However many watch, workers are asked once for all of them. On the control thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "admin/control.h"
#include "admin/metrics.h"

namespace amb {

/// One object in one line, without a line's end; `Numbers` of docs/openapi.yaml. Histograms are those of
/// HistogramStatus: counts by bound, not summed up.
std::string numbers_json(const Metrics& metrics, std::int64_t time_ms);

class Numbers {
 public:
  /// `control` must live until end().
  explicit Numbers(Control& control) : control_(&control) {}

  /// At most so old; empty after end(). Who comes while workers are being asked waits for that answer.
  boost::asio::awaitable<std::string> at_most(std::chrono::milliseconds age);
  void end() { control_ = nullptr; }

 private:
  Control* control_;
  std::string json_;
  std::shared_ptr<boost::asio::steady_timer>
      asking_;  ///< While workers are asked; cancelled when they have answered.
  std::chrono::steady_clock::time_point made_{};
};

}  // namespace amb
