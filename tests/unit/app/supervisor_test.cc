// SPDX-License-Identifier: Apache-2.0
#include "app/supervisor.h"

#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include "unit/app/running_supervisor.h"

namespace amb {
namespace {

using namespace test;

/// Bytes that have arrived at `fd` and are not read yet.
std::size_t waiting(int fd) {
  int bytes = 0;
  EXPECT_EQ(::ioctl(fd, FIONREAD, &bytes), 0);
  return static_cast<std::size_t>(bytes);
}

/// A started supervisor with one link to a listener of the test's.
class StartedSupervisor : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(supervisor_.is_open());
    ASSERT_TRUE(supervisor_->start());
    address_ = supervisor_.address();
  }

  /// A session through the supervisor: the consumer's end and the service's.
  TcpPair open_session() {
    Connected consumer = connect_to(address_);
    EXPECT_EQ(consumer.error, 0);
    return {std::move(consumer.fd), accept_from(upstream_.sockets.front().borrow())};
  }

  BoundListener upstream_ = listen_on(ip("127.0.0.1"));
  RunningSupervisor supervisor_{{link_from(ip("127.0.0.1"), upstream_.address)}};
  SocketAddress address_;
  bool drained_ = false;
};

TEST_F(StartedSupervisor, RelaysBothWays) {
  const TcpPair session = open_session();
  send_text(session.near.borrow(), "ping");
  EXPECT_EQ(receive_text(session.far.borrow(), 4), "ping");
  send_text(session.far.borrow(), "pong");
  EXPECT_EQ(receive_text(session.near.borrow(), 4), "pong");
  EXPECT_EQ(supervisor_->open_sessions(), 1U);
}

TEST_F(StartedSupervisor, CountsASessionUntilBothSidesHaveEnded) {
  TcpPair session = open_session();
  session.near.reset();
  EXPECT_EQ(receive_text(session.far.borrow()), "");
  EXPECT_EQ(supervisor_->open_sessions(), 1U);
  session.far.reset();
  EXPECT_TRUE(supervisor_.run_until([&] { return supervisor_->open_sessions() == 0; }));
}

TEST_F(StartedSupervisor, IsDrainedAtOnceWithoutSessions) {
  supervisor_->drain([this] { drained_ = true; });
  EXPECT_TRUE(supervisor_.run_until([this] { return drained_; }));
  EXPECT_EQ(connect_to(address_).error, ECONNREFUSED);
}

TEST_F(StartedSupervisor, IsDrainedWhenTheLastSessionHasEnded) {
  TcpPair session = open_session();
  supervisor_->drain([this] { drained_ = true; });
  send_text(session.near.borrow(), "goes on");
  EXPECT_EQ(receive_text(session.far.borrow(), 7), "goes on");
  EXPECT_FALSE(supervisor_.poll_and([this] { return drained_; }));
  session = {};
  EXPECT_TRUE(supervisor_.run_until([this] { return drained_; }));
}

TEST_F(StartedSupervisor, IsNotDrainedWhileTheKernelStillOwesTheLastBytes) {
  TcpPair session = open_session();
  const std::size_t sent = fill(session.far.borrow());
  session.far.reset();
  EXPECT_EQ(shutdown_write(session.near.borrow()), 0);
  supervisor_->drain([this] { drained_ = true; });
  std::string received;
  std::size_t arrived_when_drained = 0;
  EXPECT_TRUE(supervisor_.run_until([&] {
    if (drained_ && arrived_when_drained == 0)
      arrived_when_drained = received.size() + waiting(session.near.borrow());
    IoResult last = receive_next(session.near.borrow(), received);
    while (last.status == IoStatus::done && waiting(session.near.borrow()) > 0)
      last = receive_next(session.near.borrow(), received);
    return last.status != IoStatus::done;
  }));
  EXPECT_EQ(received.size(), sent);
  EXPECT_TRUE(supervisor_.run_until([this] { return drained_; }));
  if (arrived_when_drained != 0) {
    EXPECT_EQ(arrived_when_drained, sent) << "the rest would be lost with the network";
  }
}

TEST_F(StartedSupervisor, CutsSessionsByResetAndSaysHowMany) {
  const TcpPair first = open_session(), second = open_session();
  EXPECT_TRUE(eventually([&] { return supervisor_->open_sessions() == 2; }));  // and no try for a third
  EXPECT_EQ(supervisor_->cut(CloseReason::drain_deadline), 2U);
  for (const TcpPair* session : {&first, &second}) {
    std::string text;
    EXPECT_EQ(receive_next(session->near.borrow(), text).error, ECONNRESET);
    EXPECT_EQ(receive_next(session->far.borrow(), text).error, ECONNRESET);
  }
  EXPECT_EQ(supervisor_.record("session_failed").at("reason").as_string(), "drain_deadline");
}

TEST_F(StartedSupervisor, LogsASessionThatFailed) {
  upstream_.sockets.clear();
  const Connected consumer = connect_to(address_);
  const auto record = supervisor_.record("session_failed");
  EXPECT_EQ(record.at("reason").as_string(), "connect_refused");
  EXPECT_EQ(record.at("link").as_string(), "link");
  EXPECT_EQ(record.at("upstream").as_string(), upstream_.address.to_string());
}

TEST_F(StartedSupervisor, LogsTheLastFailuresWhenItsWorkersEnd) {
  const TcpPair session = open_session();
  (void)supervisor_->cut(CloseReason::drain_deadline);
  supervisor_->stop_workers();  // no turn of the control thread since
  EXPECT_EQ(supervisor_.record("session_failed").at("reason").as_string(), "drain_deadline");
}

}  // namespace
}  // namespace amb
