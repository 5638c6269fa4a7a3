// SPDX-License-Identifier: Apache-2.0
//
// A monitor, whoever hears it, and the servers that it asks, all on one io_context.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "health/health_monitor.h"
#include "unit/health/verdict_of.h"

namespace amb::test {

using std::chrono::milliseconds;

/// Hears a monitor, and keeps what it hears.
class Hearer : public HealthEvents {
 public:
  struct Told {
    std::size_t link;
    SocketAddress endpoint;
    Health now;
    std::string why;
  };
  void on_health(std::size_t link, const SocketAddress& endpoint, Health now,
                 const std::string& why) override {
    told.push_back({link, endpoint, now, why});
    if (then) then();
  }

  std::vector<Told> told;
  std::function<void()> then;
};

class Monitor : public testing::Test {
 protected:
  static HealthOptions often(HealthOptions::Kind kind = HealthOptions::Kind::tcp) {
    HealthOptions options = options_for(kind);
    options.interval = milliseconds(1);
    options.rise = options.fall = 1;
    return options;
  }
  Health health(const SocketAddress& endpoint, std::size_t link = 0) {
    return monitor_->health_of(link, endpoint);
  }
  SocketAddress nobody() { return ScriptedServer(io_, silent).address(); }

  /// Lets whatever is under way go on; for what must not happen.
  void let_run(const ScriptedServer& server, int further_questions) {
    const int until = server.served() + further_questions;
    run_until(io_, [&] { return server.served() >= until; });
  }

  asio::io_context io_;
  Hearer hearer_;
  int draws_ = 0;  ///< One for each pause, so one for each question that has ended.
  std::unique_ptr<HealthMonitor> monitor_ = std::make_unique<HealthMonitor>(io_, hearer_, [this] {
    ++draws_;
    return 0.5;
  });
};

inline const Script kPong = answering("PING\r\n", {"+PONG\r\n"});
inline const Script kLoading = answering("PING\r\n", {"-LOADING wait\r\n"});

}  // namespace amb::test
