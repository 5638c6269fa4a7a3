// SPDX-License-Identifier: Apache-2.0
#include "app/endpoint_keeper.h"

#include <gtest/gtest.h>

#include "unit/app/running_supervisor.h"

namespace amb {
namespace {

using namespace test;
using namespace std::chrono_literals;

/// A link to these addresses whose endpoints are asked every few milliseconds.
Link checked(const std::vector<SocketAddress>& upstreams, LinkOptions options = {}) {
  Link link = link_from(ip("127.0.0.1"), upstreams.front());
  link.targets.clear();
  for (const SocketAddress& upstream : upstreams)
    link.targets.push_back({.text = upstream.to_string(), .port = upstream.port(), .address = upstream});
  options.health.kind = HealthOptions::Kind::tcp;
  options.health.interval = 10ms;
  options.health.rise = options.health.fall = 1;
  link.options = std::move(options);
  return link;
}

bool is_waiting(const BoundListener& listener) {
  pollfd one{.fd = listener.sockets.front().borrow(), .events = POLLIN, .revents = 0};
  return ::poll(&one, 1, 0) == 1;
}

/// Among all that the checks have left behind the one connection that says "x".
UniqueFd accept_session(RunningSupervisor& supervisor, const BoundListener& listener) {
  std::vector<UniqueFd> accepted;
  UniqueFd session;
  EXPECT_TRUE(supervisor.run_until([&] {
    if (is_waiting(listener)) accepted.push_back(accept_from(listener.sockets.front().borrow()));
    for (UniqueFd& fd : accepted) {
      char said = 0;
      if (::recv(fd.borrow(), &said, 1, MSG_DONTWAIT) == 1 && said == 'x') session = std::move(fd);
      if (session.is_open()) return true;
    }
    return false;
  }));
  return session;
}

std::string endpoints_of(const std::vector<boost::json::value>& records) {
  std::string text;
  for (const auto& record : records) text += " " + std::string(record.at("endpoint").as_string());
  return text;
}

class EndpointKeeperTest : public testing::Test {
 protected:
  Connected consumer(RunningSupervisor& supervisor) {
    Connected made = connect_to(supervisor.address());
    EXPECT_EQ(made.error, 0);
    send_text(made.fd.borrow(), "x");
    return made;
  }

  std::optional<BoundListener> first_ = listen_on(ip("127.0.0.1"));
  std::optional<BoundListener> second_ = listen_on(ip("127.0.0.1"));
};

TEST_F(EndpointKeeperTest, LeadsSessionsToTheFirstThatIsUpAndSaysWhichAre) {
  RunningSupervisor supervisor({checked({first_->address, second_->address})});
  const SocketAddress gone = first_->address;
  first_.reset();
  ASSERT_TRUE(supervisor->start());
  const Connected asking = consumer(supervisor);
  EXPECT_TRUE(accept_session(supervisor, *second_).is_open());
  EXPECT_EQ(endpoints_of(supervisor.records("endpoint_down")), " " + gone.to_string());
  EXPECT_EQ(endpoints_of(supervisor.records("endpoint_up")), " " + second_->address.to_string());
}

TEST_F(EndpointKeeperTest, SaysWhenALinkHasNobodyLeftAndWhenItHasAgain) {
  RunningSupervisor supervisor({checked({first_->address})});
  ASSERT_TRUE(supervisor->start());
  (void)supervisor.record("endpoint_up");
  EXPECT_TRUE(supervisor.records("link_unavailable").empty());
  const SocketAddress address = first_->address;
  first_.reset();
  const boost::json::value unavailable = supervisor.record("link_unavailable");
  EXPECT_EQ(unavailable.at("link").as_string(), "link");
  EXPECT_EQ(unavailable.at("reason").as_string(), address.to_string() + ": connecting: Connection refused");
  first_ = listen_on(address);
  EXPECT_EQ(supervisor.record("link_available").at("link").as_string(), "link");
}

TEST_F(EndpointKeeperTest, RefusesConnectionsWhileNobodyIsUp) {
  LinkOptions options;
  options.unavailable.kind = Unavailable::Kind::refuse;
  const SocketAddress address = first_->address;
  first_.reset();
  Link link = checked({address}, options);
  link.listen = {listen_on(ip("127.0.0.1")).address};  // a port that the kernel chose it would take back
  RunningSupervisor supervisor({link});
  ASSERT_TRUE(supervisor->start());
  (void)supervisor.record("link_unavailable");
  EXPECT_TRUE(supervisor.run_until([&] { return connect_to(supervisor.address()).error == ECONNREFUSED; }));
  first_ = listen_on(address);
  EXPECT_TRUE(supervisor.run_until([&] { return connect_to(supervisor.address()).error == 0; }));
}

TEST_F(EndpointKeeperTest, CutsTheSessionsOfAnEndpointThatGoesDownIfToldTo) {
  LinkOptions options;
  options.on_down.kind = SessionFate::Kind::cut;
  RunningSupervisor supervisor({checked({first_->address}, options)});
  ASSERT_TRUE(supervisor->start());
  const Connected asking = consumer(supervisor);
  const UniqueFd service = accept_session(supervisor, *first_);
  first_.reset();
  EXPECT_EQ(supervisor.record("session_failed").at("reason").as_string(), "endpoint_down");
  std::string text;
  EXPECT_EQ(receive_next(asking.fd.borrow(), text).error, ECONNRESET);
}

TEST_F(EndpointKeeperTest, LetsThemGoOnForAWhileIfToldTo) {
  LinkOptions options;
  options.on_down = {.kind = SessionFate::Kind::drain, .drain = 50ms};
  RunningSupervisor supervisor({checked({first_->address}, options)});
  ASSERT_TRUE(supervisor->start());
  const Connected asking = consumer(supervisor);
  const UniqueFd service = accept_session(supervisor, *first_);
  first_.reset();
  (void)supervisor.record("endpoint_down");
  EXPECT_EQ(supervisor.record("session_failed").at("reason").as_string(), "endpoint_down");
}

TEST_F(EndpointKeeperTest, LetsThemStayWhenTheEndpointIsBackInThatWhile) {
  LinkOptions options;
  options.on_down = {.kind = SessionFate::Kind::drain, .drain = std::chrono::hours(1)};
  RunningSupervisor supervisor({checked({first_->address}, options)});
  ASSERT_TRUE(supervisor->start());
  const Connected asking = consumer(supervisor);
  const UniqueFd service = accept_session(supervisor, *first_);
  const SocketAddress address = first_->address;
  first_.reset();
  (void)supervisor.record("endpoint_down");
  first_ = listen_on(address);
  EXPECT_TRUE(supervisor.run_until([&] { return supervisor.records("endpoint_up").size() == 2; }));
  send_text(service.borrow(), "still here");
  EXPECT_EQ(receive_text(asking.fd.borrow(), 10), "still here");
  EXPECT_EQ(supervisor->open_sessions(), 1U);
}

TEST_F(EndpointKeeperTest, KeepsSessionsWhereTheyAreOtherwise) {
  RunningSupervisor supervisor({checked({first_->address})});
  ASSERT_TRUE(supervisor->start());
  const Connected asking = consumer(supervisor);
  const UniqueFd service = accept_session(supervisor, *first_);
  first_.reset();
  (void)supervisor.record("link_unavailable");
  send_text(service.borrow(), "still here");
  EXPECT_EQ(receive_text(asking.fd.borrow(), 10), "still here");
}

TEST_F(EndpointKeeperTest, HoldsToTheLimitOfSessionsAtAnEndpoint) {
  LinkOptions options;
  options.endpoint_sessions = 1;
  RunningSupervisor supervisor({checked({first_->address, second_->address}, options)});
  ASSERT_TRUE(supervisor->start());
  EXPECT_TRUE(supervisor.run_until([&] { return supervisor.records("endpoint_up").size() == 2; }));
  const Connected one = consumer(supervisor);
  const UniqueFd at_first = accept_session(supervisor, *first_);
  const Connected other = consumer(supervisor);
  const UniqueFd at_second = accept_session(supervisor, *second_);
  const Connected third = connect_to(supervisor.address());  // may be reset by now
  EXPECT_EQ(supervisor.record("session_failed").at("reason").as_string(), "limit");
}

struct Deaf final : EndpointKeeperEvents {
  void on_route(const RouteUpdate&) override {}
  void on_endpoint_cut(LinkId, const SocketAddress&) override {}
  void on_elsewhere_cut(LinkId) override {}
};

TEST(EndpointKeeperPorts, AreThoseOfTheEndpointsWhateverTheTargetsSay) {
  const LinkTable links(
      {checked({ip("10.0.0.1", 81), ip("10.0.0.2", 82)}),
       {.name = "service",
        .targets = {{.text = "srv://_x._tcp.y", .name = "_x._tcp.y", .is_service = true}}}});
  Log log(LogFormat::json, LogLevel::error);
  Journal journal(log, links);
  boost::asio::io_context io;
  Deaf deaf;
  EndpointKeeper keeper(io, links, {}, journal, deaf);
  EXPECT_EQ(keeper.dialled_ports(), (std::set<std::uint16_t>{81, 82}));
}

}  // namespace
}  // namespace amb
