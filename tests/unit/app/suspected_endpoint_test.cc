// SPDX-License-Identifier: Apache-2.0
//
// What sessions meet makes a check come early: none of these endpoints would be asked again for an hour.
#include <gtest/gtest.h>

#include "unit/app/running_supervisor.h"

namespace amb {
namespace {

using namespace test;

Link rarely_checked(const std::vector<SocketAddress>& upstreams, LinkOptions options = {}) {
  Link link = link_from(ip("127.0.0.1"), upstreams.front());
  link.targets.clear();
  for (const SocketAddress& upstream : upstreams)
    link.targets.push_back({.text = upstream.to_string(), .port = upstream.port(), .address = upstream});
  options.health.kind = HealthOptions::Kind::tcp;
  options.health.interval = std::chrono::hours(1);
  link.options = std::move(options);
  return link;
}

class SuspectedEndpoint : public testing::Test {
 protected:
  static void wait_up(RunningSupervisor& supervisor, std::size_t endpoints) {
    EXPECT_TRUE(supervisor.run_until([&] { return supervisor.records("endpoint_up").size() == endpoints; }));
    supervisor.settle();
  }
  static std::string endpoint_down(RunningSupervisor& supervisor) {
    const boost::json::value down = supervisor.record("endpoint_down");
    EXPECT_EQ(down.at("reason").as_string(), "connecting: Connection refused");
    return std::string(down.at("endpoint").as_string());
  }

  std::optional<BoundListener> first_ = listen_on(ip("127.0.0.1"));
  std::optional<BoundListener> second_ = listen_on(ip("127.0.0.1"));
};

TEST_F(SuspectedEndpoint, IsDownAfterOneSessionThatItRefused) {
  RunningSupervisor supervisor({rarely_checked({first_->address})});
  ASSERT_TRUE(supervisor->start());
  wait_up(supervisor, 1);
  const SocketAddress address = first_->address;
  first_.reset();
  const Connected consumer = connect_to(supervisor.address());
  EXPECT_EQ(endpoint_down(supervisor), address.to_string());
  EXPECT_EQ(supervisor.records("session_failed").size(), 1U);
}

TEST_F(SuspectedEndpoint, IsDownAfterOneSessionThatAnotherEndpointTook) {
  LinkOptions options;
  options.eject_after = 0;
  RunningSupervisor supervisor({rarely_checked({first_->address, second_->address}, options)});
  ASSERT_TRUE(supervisor->start());
  wait_up(supervisor, 2);
  const SocketAddress address = first_->address;
  first_.reset();
  const Connected consumer = connect_to(supervisor.address());
  EXPECT_EQ(endpoint_down(supervisor), address.to_string());
  EXPECT_TRUE(supervisor.records("session_failed").empty());
}

TEST_F(SuspectedEndpoint, IsDownAfterOneSessionThatItReset) {
  RunningSupervisor supervisor({rarely_checked({first_->address})});
  ASSERT_TRUE(supervisor->start());
  wait_up(supervisor, 1);
  const UniqueFd check = accept_from(first_->sockets.front().borrow());
  const Connected consumer = connect_to(supervisor.address());
  UniqueFd service = accept_from(first_->sockets.front().borrow());
  const SocketAddress address = first_->address;
  first_.reset();
  EXPECT_TRUE(supervisor.records("endpoint_down").empty()) << "nobody has noticed yet";
  reset_on_close(service.borrow());
  service.reset();
  EXPECT_EQ(endpoint_down(supervisor), address.to_string());
  EXPECT_EQ(supervisor.record("session_failed").at("reason").as_string(), "upstream_reset");
}

TEST_F(SuspectedEndpoint, OfUnixSocketsIsEachOfTheLink) {
  const auto path = [](const char* name) {
    return SocketAddress::from_path("@amb-suspect-" + std::string(name) + "-" + std::to_string(::getpid()))
        .value();
  };
  std::optional<BoundListener> gone = listen_on(path("gone"));
  const BoundListener stays = listen_on(path("stays"));
  RunningSupervisor supervisor({rarely_checked({gone->address, stays.address})});
  ASSERT_TRUE(supervisor->start());
  wait_up(supervisor, 2);
  const SocketAddress address = gone->address;
  gone.reset();
  const Connected consumer = connect_to(supervisor.address());
  EXPECT_EQ(endpoint_down(supervisor), address.to_string());
}

}  // namespace
}  // namespace amb
