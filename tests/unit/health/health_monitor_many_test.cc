// SPDX-License-Identifier: Apache-2.0
//
// Many endpoints at once.
#include <gtest/gtest.h>

#include "unit/health/monitor.h"

namespace amb {
namespace {

using namespace test;

TEST(MonitorAlone, MayEndWithQuestionsUnderWayAndNothingRunningAnyMore) {
  Hearer hearer;
  asio::io_context io;
  const ScriptedServer server(io, silent, ip("0.0.0.0"));
  HealthMonitor monitor(io, hearer);
  std::vector<SocketAddress> endpoints;
  for (int i = 1; i <= 255; ++i) {
    for (const char* net : {"127.0.0.", "127.0.1."}) {
      endpoints.push_back(ip(net + std::to_string(i), server.address().port()));
    }
  }
  HealthOptions options = options_for(HealthOptions::Kind::redis);
  options.interval = milliseconds(1);
  monitor.watch(0, options, endpoints);
  run_until(io, [&] { return server.present() >= 20; });
}

/// 300 endpoints of one server: loopback has addresses enough.
class ThreeHundred : public Monitor {
 protected:
  static constexpr int kMany = 300;

  std::vector<SocketAddress> endpoints(const ScriptedServer& server) {
    std::vector<SocketAddress> all;
    for (int i = 0; i < kMany; ++i) {
      const std::string host = "127.0." + std::to_string(i / 200) + "." + std::to_string(1 + i % 200);
      all.push_back(ip(host, server.address().port()));
    }
    return all;
  }
};

TEST_F(ThreeHundred, AreNeverAskedAllAtOnce) {
  const ScriptedServer server(io_, silent, ip("0.0.0.0"));
  HealthOptions options = often(HealthOptions::Kind::redis);
  monitor_->watch(0, options, endpoints(server));
  run_until(io_, [&] { return server.present() == static_cast<int>(HealthMonitor::kMostChecks); });
  io_.poll();
  EXPECT_EQ(server.present(), static_cast<int>(HealthMonitor::kMostChecks));
  EXPECT_EQ(server.served(), static_cast<int>(HealthMonitor::kMostChecks))
      << "the others wait for their turn";
}

TEST_F(ThreeHundred, AllGetTheirTurnThoughNobodyAnswers) {
  const ScriptedServer server(io_, silent, ip("0.0.0.0"));
  HealthOptions options = often(HealthOptions::Kind::redis);
  options.timeout = milliseconds(50);
  monitor_->watch(0, options, endpoints(server));
  run_until(io_, [&] { return hearer_.told.size() == kMany; });
  for (const auto& told : hearer_.told) EXPECT_EQ(told.now, Health::down);
}

TEST_F(ThreeHundred, AreAllFoundUp) {
  const ScriptedServer server(io_, kPong, ip("0.0.0.0"));
  monitor_->watch(0, often(HealthOptions::Kind::redis), endpoints(server));
  run_until(io_, [&] { return hearer_.told.size() == kMany; });
  for (const auto& told : hearer_.told) EXPECT_EQ(told.now, Health::up) << told.why;
}

}  // namespace
}  // namespace amb
