// SPDX-License-Identifier: Apache-2.0
//
// What the endpoint keeper says of a link: a word and its reason.
#include <gtest/gtest.h>

#include "app/endpoint_keeper.h"
#include "unit/app/running_supervisor.h"

namespace amb {
namespace {

using namespace test;

class EndpointStandingTest : public testing::Test {
 protected:
  static Link leading_to(const SocketAddress& upstream, HealthOptions::Kind health) {
    Link link = link_from(ip("127.0.0.1"), upstream);
    link.options.health.kind = health;
    link.options.health.interval = std::chrono::milliseconds(10);
    link.options.health.rise = link.options.health.fall = 1;
    return link;
  }
  static Link leading_to_name(const std::string& name) {
    Link link = link_from(ip("127.0.0.1"), ip("127.0.0.1", 9));
    link.targets = {{.text = "tcp://" + name + ":9", .name = name, .port = 9}};
    return link;
  }

  std::optional<BoundListener> provider_ = listen_on(ip("127.0.0.1"));
};

TEST_F(EndpointStandingTest, IsUpWithoutChecks) {
  RunningSupervisor supervisor({leading_to(provider_->address, HealthOptions::Kind::none)});
  ASSERT_TRUE(supervisor->start());
  EXPECT_EQ(supervisor->endpoints().standing(0).state, "up");
  EXPECT_EQ(supervisor->endpoints().standing(0).reason, "");
}

TEST_F(EndpointStandingTest, IsSettlingUntilTheFirstCheckAndThenUp) {
  RunningSupervisor supervisor({leading_to(provider_->address, HealthOptions::Kind::tcp)});
  ASSERT_TRUE(supervisor->start());
  EXPECT_EQ(supervisor->endpoints().standing(0).state, "settling");
  EXPECT_EQ(supervisor->endpoints().standing(0).reason, "its first checks are under way");
  EXPECT_TRUE(supervisor.run_until([&] { return supervisor->endpoints().standing(0).is("up"); }));
}

TEST_F(EndpointStandingTest, IsDownWithWhatTheCheckFoundAndSinceThen) {
  const SocketAddress address = provider_->address;
  RunningSupervisor supervisor({leading_to(address, HealthOptions::Kind::tcp)});
  ASSERT_TRUE(supervisor->start());
  EXPECT_TRUE(supervisor.run_until([&] { return supervisor->endpoints().standing(0).is("up"); }));
  const SteadyTime before = std::chrono::steady_clock::now();
  provider_.reset();
  EXPECT_TRUE(supervisor.run_until([&] { return supervisor->endpoints().standing(0).is("down"); }));
  const Standing standing = supervisor->endpoints().standing(0);
  EXPECT_TRUE(standing.reason.starts_with(address.to_string() + ": ")) << standing.reason;
  EXPECT_GE(standing.since, before);
  EXPECT_EQ(standing.since, supervisor->endpoints().standing(0).since) << "however often it is asked for";
}

TEST_F(EndpointStandingTest, IsDownOnceALookUpHasFailedAndSaysWhichName) {
  RunningSupervisor supervisor({leading_to_name("nosuch.invalid")});
  ASSERT_TRUE(supervisor->start());
  EXPECT_TRUE(supervisor.run_until([&] { return supervisor->endpoints().standing(0).is("down"); }));
  EXPECT_TRUE(supervisor->endpoints().standing(0).reason.starts_with("nosuch.invalid does not resolve: "))
      << supervisor->endpoints().standing(0).reason;
}

TEST_F(EndpointStandingTest, IsDrainedWhateverItsEndpointsAre) {
  RunningSupervisor supervisor({leading_to(provider_->address, HealthOptions::Kind::none)});
  ASSERT_TRUE(supervisor->start());
  supervisor->endpoints().set_drained(0, true);
  EXPECT_EQ(supervisor->endpoints().standing(0).state, "drained");
  supervisor->endpoints().set_drained(0, false);
  EXPECT_EQ(supervisor->endpoints().standing(0).state, "up");
}

}  // namespace
}  // namespace amb
