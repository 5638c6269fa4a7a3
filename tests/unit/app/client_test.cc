// SPDX-License-Identifier: Apache-2.0
#include "app/client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <filesystem>
#include <thread>

#include "admin/admin_server.h"
#include "base/text.h"
#include "unit/admin/fake_control.h"
#include "unit/discovery/temporary_folder.h"
#include "unit/support/child.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;

/// A program that can be talked to, on a thread of its own.
class ClientOf : public testing::Test {
 protected:
  ClientOf() : server_(io_, control_, settings()) {
    EXPECT_TRUE(server_.start());
    thread_ = std::thread([this] { io_.run(); });
  }
  ~ClientOf() override {
    boost::asio::post(io_, [this] {
      server_.stop();
      work_.reset();
    });
    thread_.join();
  }

  AdminSettings settings() const {
    AdminSettings settings;
    settings.control = search();
    return settings;
  }
  ControlSearch search() const {
    return {.setting = folder_ / "control.sock", .runtime_folder = {}, .uid = ::geteuid()};
  }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  FakeControl control_;
  AdminServer server_;
  std::thread thread_;
};

TEST_F(ClientOf, AsksAndIsAnswered) {
  const Client client(search());
  const auto live = client.ask("GET", "/v1/live");
  ASSERT_TRUE(live) << live.error().message();
  EXPECT_EQ(live->status, 200U);
  EXPECT_EQ(live->body, "{\"is_live\":true}\n");
  EXPECT_EQ(client.ask("POST", "/v1/drain", R"({"link":"redis"})")->status, 204U);
  EXPECT_EQ(client.ask("GET", "/v1/links/" + encode_segment("no/such"))->status, 404U);
  EXPECT_EQ(client.ask("GET", "/v1/nothing")->status, 404U) << "refused before it was read to its end";
}

TEST_F(ClientOf, ReadsAnAnswerOfAnySize) {
  control_.wiring = std::string(std::size_t{8} << 20U, 'x');
  const auto reply = Client(search()).ask("GET", "/v1/wiring");
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(reply->body.size(), std::size_t{8} << 20U);
}

TEST_F(ClientOf, FollowsEventsUntilItHasEnough) {
  std::vector<std::string> lines;
  const auto reply = Client(search()).follow("/v1/events", [&](std::string_view line) {
    if (lines.empty()) boost::asio::post(io_, [this] { control_.tell("ready", "{}"); });
    lines.emplace_back(line);
    return line != "data: {}";
  });
  ASSERT_TRUE(reply) << reply.error().message();
  EXPECT_EQ(lines, (std::vector<std::string>{": ok", "", "id: 1", "event: ready", "data: {}"}));
}

TEST_F(ClientOf, FollowsEventsUntilTheProgramEnds) {
  const auto reply = Client(search()).follow("/v1/events", [&](std::string_view) {
    boost::asio::post(io_, [this] { server_.stop(); });
    return true;
  });
  EXPECT_TRUE(reply && reply->is_fine());
}

TEST_F(ClientOf, IsToldWhyThereIsNothingToFollow) {
  const auto reply = Client(search()).follow("/v1/nothing", [](std::string_view) { return true; });
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404U);
  EXPECT_NE(reply->body.find("there is no such path"), std::string::npos);
}

TEST_F(ClientOf, StopsWhenItIsToldTo) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const UniqueFd near(ends[0]), far(ends[1]);
  const auto reply = Client(search(), near.borrow()).follow("/v1/events", [&](std::string_view) {
    EXPECT_EQ(::write(far.borrow(), "x", 1), 1);
    return true;
  });
  EXPECT_TRUE(reply && reply->is_fine());
}

TEST(ClientOfNobody, NamesThePlacesItTried) {
  const TemporaryFolder folder;
  ControlSearch search{.setting = folder / "c.sock", .runtime_folder = {}};
  EXPECT_EQ(Client(search).ask("GET", "/v1/live").error().message(),
            "no ambassador answers at " + search.setting +
                "; is one running here, as this user? --control or AMBASSADOR_CONTROL names another place");
  search = {.setting = {},
            .runtime_folder = {},
            .run_folder = folder / "run",
            .tmp_folder = folder / "tmp",
            .uid = 987654};
  const std::string message = Client(search).ask("GET", "/v1/live").error().message();
  for (const char* place :
       {"/run/ambassador/control.sock", "/tmp/ambassador-987654/control.sock", "@ambassador-control-987654"})
    EXPECT_NE(message.find(place), std::string::npos) << message;
  search.setting = "none";
  EXPECT_EQ(Client(search).ask("GET", "/v1/live").error().message(),
            "AMBASSADOR_CONTROL=none: there is no control socket to talk to");
}

TEST(ClientOfNobody, DoesNotWaitForEverForAnAnswer) {
  const TemporaryFolder folder;
  const auto silent = listen_on(SocketAddress::from_path(folder / "c.sock").value());
  const Client client({.setting = folder / "c.sock", .runtime_folder = {}});
  EXPECT_EQ(client.ask("GET", "/v1/live", {}, std::chrono::milliseconds(10)).error().message(),
            "the ambassador does not answer in time");
}

TEST(ClientOfNobody, SaysThatSomethingElseAnswers) {
  const TemporaryFolder folder;
  const auto listener = listen_on(SocketAddress::from_path(folder / "c.sock").value());
  std::thread other([&] {
    const UniqueFd fd = accept_from(listener.sockets.front().borrow());
    std::string heard;
    (void)receive_next(fd.borrow(), heard);
    send_text(fd.borrow(), "220 mail.example ESMTP\r\n\r\n");
  });
  const Client client({.setting = folder / "c.sock", .runtime_folder = {}});
  const auto reply = client.ask("GET", "/v1/live");
  other.join();
  ASSERT_FALSE(reply);
  EXPECT_TRUE(reply.error().message().starts_with("what answers is no ambassador"))
      << reply.error().message();
}

TEST(ClientOfOthers, DoesNotBelieveAnotherUsersProgram) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  std::filesystem::create_directories(folder / "run/ambassador");
  const std::string place = folder / "run/ambassador/control.sock";
  ASSERT_EQ(::seteuid(1234), 0);  // listening, the kernel notes the effective user
  ASSERT_EQ(::seteuid(0), 0);
  std::filesystem::permissions(folder / "run/ambassador", std::filesystem::perms::all);
  ASSERT_EQ(::seteuid(1234), 0);
  const auto squatter = listen_on(SocketAddress::from_path(place).value());
  ASSERT_EQ(::seteuid(0), 0);
  std::filesystem::permissions(place, std::filesystem::perms::all);
  in_child([&] {
    ASSERT_EQ(::setuid(4321), 0);
    const ControlSearch search{.setting = {},
                               .runtime_folder = {},
                               .run_folder = folder / "run",
                               .tmp_folder = folder / "tmp",
                               .uid = 4321};
    EXPECT_EQ(Client(search).ask("GET", "/v1/live").error().message(),
              "cannot trust what listens at " + place + ": it is uid 1234, expected is uid 4321 or root");
  });
}

TEST(PathSegment, HoldsAnything) {
  EXPECT_EQ(encode_segment("db.main_x-1~"), "db.main_x-1~");
  EXPECT_EQ(encode_segment("a/b?c#d:%"), "a%2Fb%3Fc%23d%3A%25");
  EXPECT_EQ(encode_segment("\xc3\xa4 \n"), "%C3%A4%20%0A");
}

}  // namespace
}  // namespace amb
