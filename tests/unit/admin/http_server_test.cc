// SPDX-License-Identifier: Apache-2.0
#include "admin/http_server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <deque>

#include "unit/admin/serving.h"
#include "unit/support/child.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;

HttpAccess access_over_tcp() {
  return {.kind = HttpAccess::Kind::tcp, .token = kToken, .hosts = {"name.example"}};
}

std::string authorized(const std::string& host, std::string_view fields = {}) {
  return "GET / HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + kToken + "\r\n" +
         std::string(fields) + "\r\n";
}

TEST(HttpServer, HoldsTheRulesOfTcp) {
  Serving it({}, access_over_tcp());
  const std::string host = it.address.to_string();
  EXPECT_EQ(it.ask(authorized(host)).status, 200U);
  EXPECT_EQ(it.ask(authorized("localhost:" + std::to_string(it.address.port()))).status, 200U);
  EXPECT_EQ(it.ask(authorized("name.example")).status, 200U);
  EXPECT_EQ(it.ask(authorized("evil.example")).status, 403U);
  EXPECT_EQ(it.ask(authorized(host, "Origin: http://x\r\n")).status, 403U);
  const Answer without = it.ask("GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  EXPECT_EQ(without.status, 401U);
  EXPECT_EQ(without.field("www-authenticate"), "Bearer realm=\"ambassador\"");
  EXPECT_EQ(it.handler->asked.size(), 3U);
}

TEST(HttpServer, KnowsNoOneElsesUserAtTheSocket) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can ask as somebody else";
  HttpAccess access = unix_access();
  access.own_uid = 65534;
  Serving it({}, access);
  EXPECT_EQ(it.ask(request("GET", "/")).status, 200U) << "root may";
  ASSERT_EQ(::setresuid(1234, 1234, 0), 0);  // connecting, the kernel notes the effective user
  Asker asker = it.asker();
  ASSERT_EQ(::setresuid(0, 0, 0), 0);
  EXPECT_EQ(asker.ask(request("GET", "/")).status, 403U);
}

TEST(HttpServer, MakesRoomByWhoHasWaitedLongest) {
  Serving it({.connections = 12});
  Asker first = it.asker(), second = it.asker(), third = it.asker();
  run_until(it.io, [&] { return it.server->connections() == 3; });
  EXPECT_EQ(first.ask(request("GET", "/")).status, 200U);  // from now on it has waited least
  Asker fourth = it.asker();
  EXPECT_EQ(fourth.ask(request("GET", "/")).status, 200U);
  second.hear_end();
  EXPECT_FALSE(first.has_ended());
  EXPECT_FALSE(third.has_ended());
  EXPECT_EQ(it.server->connections(), 3U);
}

TEST(HttpServer, DoesNotMakeRoomByWhoIsBeingServed) {
  Serving it({.connections = 8});
  asio::steady_timer hold(it.io, asio::steady_timer::time_point::max());
  it.handler->answers = [&](HttpRequest) -> asio::awaitable<HttpResponse> {
    (void)co_await hold.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return HttpResponse{};
  };
  Asker first = it.asker(), second = it.asker();
  first.say(request("GET", "/"));
  second.say(request("GET", "/"));
  run_until(it.io, [&] { return it.handler->asked.size() == 2; });
  Asker third = it.asker();
  third.hear_end();
  hold.cancel();
  EXPECT_EQ(first.hear().status, 200U);
  EXPECT_EQ(second.hear().status, 200U);
}

TEST(HttpServer, AnswersAmongHundredsThatNeverFinishTheirRequests) {
  Serving it({.request_time = milliseconds(50)}, access_over_tcp());
  std::deque<Asker> slow;
  for (int i = 0; i < 500; ++i) {
    slow.emplace_back(it.io, it.address);
    slow.back().say("GET / HTTP/1.1\r\nX-Slow: ");
    if (i % 50 == 0) {
      EXPECT_EQ(it.ask(authorized(it.address.to_string())).status, 200U) << i;
    }
    EXPECT_LE(it.server->connections(), 128U);
  }
  for (Asker& one : slow) one.hear_end();
  EXPECT_EQ(it.ask(authorized(it.address.to_string())).status, 200U);
}

TEST(HttpServer, WaitsForADescriptorWithoutSpinning) {
  in_child([] {
    Serving it({.accept_pause = milliseconds(1)});
    Asker early = it.asker();
    EXPECT_EQ(early.ask(request("GET", "/")).status, 200U);
    Asker late = it.asker();  // in the backlog
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{4, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    EXPECT_EQ(early.ask(request("GET", "/")).status, 200U) << "those who are in are served";
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(late.ask(request("GET", "/")).status, 200U);
  });
}

TEST(HttpServer, ClosesEverythingWhenItStops) {
  Serving it;
  Asker idle = it.asker(), half = it.asker();
  EXPECT_EQ(idle.ask(request("GET", "/")).status, 200U);
  half.say("GET / HT");
  run_until(it.io, [&] { return it.server->connections() == 2; });
  it.server->stop();
  EXPECT_EQ(it.server->connections(), 0U);
  idle.hear_end();
  half.hear_end();
  EXPECT_EQ(connect_to(it.address).error, ECONNREFUSED);
  it.io.restart();
  it.io.run();  // ends: nothing is left to wait for
}

TEST(HttpServer, IsGoneBeforeAnAnswerIsThere) {
  Serving it;
  asio::steady_timer hold(it.io, asio::steady_timer::time_point::max());
  bool is_answered = false;
  it.handler->answers = [&](HttpRequest) -> asio::awaitable<HttpResponse> {
    (void)co_await hold.async_wait(asio::as_tuple(asio::use_awaitable));
    is_answered = true;
    co_return HttpResponse{};
  };
  Asker asker = it.asker();
  asker.say(request("GET", "/"));
  run_until(it.io, [&] { return !it.handler->asked.empty(); });
  it.server.reset();
  hold.cancel();
  run_until(it.io, [&] { return is_answered; });
  asker.hear_end();
  EXPECT_EQ(asker.rest(), "");
}

TEST(HttpServer, MayBeLeftWaitingWhenTheLoopIsDestroyed) {
  auto io = std::make_unique<asio::io_context>();
  auto handler = std::make_shared<FakeHandler>();
  auto server = std::make_unique<HttpServer>(*io, handler, HttpLimits{});
  auto acceptor = acceptor_at(*io, ip("127.0.0.1"));
  const SocketAddress address = address_of(acceptor);
  server->serve(std::move(acceptor), access_over_tcp());
  Asker asker(*io, address);
  asker.say("GET / HT");
  run_until(*io, [&] { return server->connections() == 1; });
  server.reset();
  io.reset();
}

}  // namespace
}  // namespace amb
