// SPDX-License-Identifier: Apache-2.0
#include "app/shutdown.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>

#include "unit/app/living.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::hours;
using std::chrono::milliseconds;

class ShutdownTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(supervisor_->start());
    listen_ = supervisor_.address();
  }

  Shutdown end_with(milliseconds linger, milliseconds drain) {
    return Shutdown({supervisor_.io(), *supervisor_.operator->(), supervisor_.journal(), linger, drain});
  }
  bool is_over() {
    return supervisor_.run_until([&] { return supervisor_.io().stopped(); });
  }
  TcpPair opens_session() {
    TcpPair session{connect_to(listen_).fd, service_.accepts()};
    send_text(session.far.borrow(), "x");
    EXPECT_EQ(receive_text(session.near.borrow(), 1), "x");
    return session;
  }

  Service service_;
  RunningSupervisor supervisor_{{link_from(ip("127.0.0.1"), service_.address())}};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> runs_{
      supervisor_.io().get_executor()};  // so that io stops only when it is told to
  SocketAddress listen_;
};

TEST_F(ShutdownTest, IsOverAtOnceWithoutSessions) {
  Shutdown end = end_with(milliseconds(0), hours(1));
  EXPECT_FALSE(end.has_begun());
  end.on_stop_signal("SIGTERM");
  EXPECT_TRUE(end.has_begun());
  EXPECT_TRUE(is_over());
  EXPECT_EQ(end.sessions_cut(), 0U);
  EXPECT_EQ(supervisor_.record("stopping").at("signal").as_string(), "SIGTERM");
}

TEST_F(ShutdownTest, WaitsForTheLastSession) {
  std::optional<TcpPair> session = opens_session();
  Shutdown end = end_with(milliseconds(0), hours(1));
  end.on_stop_signal("SIGTERM");
  EXPECT_TRUE(supervisor_.run_until([&] { return connect_to(listen_).error == ECONNREFUSED; }));
  EXPECT_FALSE(supervisor_.io().stopped());
  EXPECT_TRUE(is_alive(*session));
  while (service_.has_visitor()) service_.accepts();  // who asked whether it is closed before it was
  session.reset();
  EXPECT_TRUE(is_over());
  EXPECT_EQ(end.sessions_cut(), 0U);
}

TEST_F(ShutdownTest, CutsWhatIsLeftWhenTheDrainsTimeIsUp) {
  const TcpPair session = opens_session();
  Shutdown end = end_with(milliseconds(0), milliseconds(20));
  end.on_stop_signal("SIGTERM");
  EXPECT_TRUE(is_over());
  EXPECT_EQ(end.sessions_cut(), 1U);
  EXPECT_TRUE(was_reset(session));
}

TEST_F(ShutdownTest, CutsAtOnceWhenItIsToldTwice) {
  const TcpPair session = opens_session();
  Shutdown end = end_with(hours(1), hours(1));
  end.on_stop_signal("SIGTERM");
  end.on_stop_signal("SIGINT");
  EXPECT_TRUE(supervisor_.io().stopped());
  EXPECT_EQ(end.sessions_cut(), 1U);
  EXPECT_TRUE(was_reset(session));
}

TEST_F(ShutdownTest, GoesOnAcceptingWhileItLingers) {
  Shutdown end = end_with(hours(1), hours(1));
  end.on_stop_signal("SIGTERM");
  supervisor_.poll_and([] { return true; });
  supervisor_.settle();
  const TcpPair session = opens_session();
  EXPECT_TRUE(is_alive(session));
  EXPECT_FALSE(supervisor_.io().stopped());
  end.on_stop_signal("SIGTERM");
}

TEST_F(ShutdownTest, DrainsWhenItHasLingered) {
  std::optional<TcpPair> session = opens_session();
  Shutdown end = end_with(milliseconds(20), hours(1));
  end.on_stop_signal("SIGTERM");
  EXPECT_TRUE(supervisor_.run_until([&] { return connect_to(listen_).error == ECONNREFUSED; }));
  EXPECT_TRUE(is_alive(*session));
  while (service_.has_visitor()) service_.accepts();
  session.reset();
  EXPECT_TRUE(is_over());
  EXPECT_EQ(end.sessions_cut(), 0U);
}

}  // namespace
}  // namespace amb
