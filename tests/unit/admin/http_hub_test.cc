// SPDX-License-Identifier: Apache-2.0
#include "admin/http_hub.h"

#include <gtest/gtest.h>

#include <deque>

#include "unit/admin/serving.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;

TEST(HttpHubOf, SharesItsConnectionsOutByWhoAsks) {
  asio::io_context io;
  const auto most = [&](std::size_t total) {
    HttpHub hub(io.get_executor(), nullptr, {.connections = total});
    return std::array{hub.share(HttpClass::owner).most_connections,
                      hub.share(HttpClass::known).most_connections,
                      hub.share(HttpClass::stranger).most_connections};
  };
  EXPECT_EQ(most(128), (std::array<std::size_t, 3>{32, 48, 48}));
  EXPECT_EQ(most(8), (std::array<std::size_t, 3>{2, 3, 3}));
  for (const std::size_t few : {0U, 1U, 2U, 3U})
    EXPECT_EQ(most(few), (std::array<std::size_t, 3>{1, 1, 1})) << few;
}

TEST(HttpHeldOf, StandsOnItsAccountForAsLongAsItLives) {
  asio::io_context io;
  HttpShare share{io.get_executor()};
  share.answers.most = 10;
  {
    HttpHeld held(share, &HttpShare::answers, 9);
    EXPECT_FALSE(share.is_sending_much());
    held.set(10);
    EXPECT_TRUE(share.is_sending_much());
    const HttpHeld moved = std::move(held);
    EXPECT_EQ(share.answers.held, 10U);
  }
  EXPECT_EQ(share.answers.held, 0U);
  EXPECT_EQ(share.bodies.held, 0U);
}

/// Both kinds of listener, and answers that are as long as the test says.
struct BothWays : Serving {
  explicit BothWays(HttpLimits limits) : Serving(limits) {
    auto acceptor = acceptor_at(io, ip("127.0.0.1"));
    tcp = address_of(acceptor);
    server->serve(std::move(acceptor),
                  {.kind = HttpAccess::Kind::tcp, .token = kToken, .hosts = hosts_of(tcp, {})});
    handler->answers = [this](HttpRequest) -> asio::awaitable<HttpResponse> {
      HttpResponse response;
      response.body.assign(answer_bytes, 'x');
      co_return response;
    };
  }
  std::string page() const { return "GET / HTTP/1.1\r\nHost: " + tcp.to_string() + "\r\n\r\n"; }
  std::string question() const {
    return "GET /v1/x HTTP/1.1\r\nHost: " + tcp.to_string() + "\r\nAuthorization: Bearer " + kToken +
           "\r\n\r\n";
  }
  void let_it_work() {
    io.restart();
    io.poll();
  }

  SocketAddress tcp;
  std::size_t answer_bytes = 10;
};

constexpr std::size_t kNobodyTakesIt = std::size_t{8} << 20U;  // at once: more than a socket's buffers

TEST(HttpClasses, CannotTakeEachOthersConnections) {
  BothWays it({.connections = 8, .write_time = std::chrono::hours(1)});
  it.answer_bytes = kNobodyTakesIt;
  std::deque<Asker> mute;
  for (int i = 0; i < 20; ++i) {
    mute.emplace_back(it.io, it.tcp).say(it.page());
    it.let_it_work();
    EXPECT_LE(it.server->connections(), 3U) << "strangers have three";
  }
  it.answer_bytes = 10;
  Asker known(it.io, it.tcp);
  EXPECT_EQ(known.ask(it.question()).status, 200U)
      << "a newcomer takes a stranger's place until it has proven itself";
  for (int i = 0; i < 20; ++i) mute.emplace_back(it.io, it.tcp).say(it.page());
  EXPECT_EQ(known.ask(it.question()).status, 200U) << "and keeps its own from then on";
  EXPECT_EQ(it.ask(request("GET", "/")).status, 200U) << "the owner has his";
}

TEST(HttpClasses, AreFullForThemselvesAlone) {
  BothWays it({.connections = 8, .write_time = std::chrono::hours(1)});
  it.answer_bytes = kNobodyTakesIt;
  std::deque<Asker> mute;
  for (int i = 0; i < 3; ++i) {
    mute.emplace_back(it.io, it.tcp).say(it.question());
    it.let_it_work();
  }
  it.answer_bytes = 10;
  EXPECT_EQ(Asker(it.io, it.tcp).ask(it.question()).status, 503U);
  EXPECT_EQ(Asker(it.io, it.tcp).ask(it.page()).status, 200U);
  EXPECT_EQ(it.ask(request("GET", "/")).status, 200U);
}

TEST(HttpClasses, HoldNoMoreAnswersThanTheyMay) {
  BothWays it({.connections = 64, .answer_bytes = kNobodyTakesIt, .write_time = std::chrono::hours(1)});
  it.handler->is_heavy = true;
  it.answer_bytes = kNobodyTakesIt;
  std::deque<Asker> mute;
  for (int i = 0; i < 5; ++i) {
    mute.push_back(it.asker());
    mute.back().say(request("GET", "/"));
    it.let_it_work();
  }
  EXPECT_EQ(it.handler->asked.size(), 1U) << "one answer is all that the owner's class may hold";
  it.answer_bytes = 10;
  EXPECT_EQ(Asker(it.io, it.tcp).ask(it.question()).status, 200U) << "those over TCP have their own";
  mute.front().close();
  for (int i = 1; i < 5; ++i) EXPECT_EQ(mute[static_cast<std::size_t>(i)].hear().status, 200U) << i;
}

TEST(HttpClasses, DoNotWaitForEverToBeAsked) {
  BothWays it({.answer_bytes = 1, .write_time = milliseconds(20)});
  it.handler->is_heavy = true;
  it.answer_bytes = kNobodyTakesIt;
  Asker mute = it.asker(), waiting = it.asker();
  mute.say(request("GET", "/"));
  it.let_it_work();
  waiting.say(request("GET", "/"));
  run_until(it.io, [&] { return it.server->connections() == 0; });
}

TEST(HttpClasses, AskSoManyQuestionsAtATime) {
  Serving it({.questions = 2});
  it.handler->is_heavy = true;
  asio::steady_timer hold(it.io, asio::steady_timer::time_point::max());
  it.handler->answers = [&](HttpRequest) -> asio::awaitable<HttpResponse> {
    (void)co_await hold.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return HttpResponse{};
  };
  std::deque<Asker> askers;
  for (int i = 0; i < 5; ++i) {
    askers.push_back(it.asker());
    askers.back().say(request("GET", "/"));
  }
  run_until(it.io, [&] { return it.handler->asked.size() == 2; });
  it.handler->is_heavy = false;
  it.handler->answers = {};
  EXPECT_EQ(it.ask(request("GET", "/v1/live")).status, 200U) << "what is light does not wait";
  hold.cancel();
  for (Asker& one : askers) EXPECT_EQ(one.hear().status, 200U);
}

TEST(HttpClasses, HoldNoMoreOfBodiesThanTheyMay) {
  Serving it({.body_bytes = 3000});
  it.handler->most_bytes = 2000;
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n";
  Asker first = it.asker(), second = it.asker();
  first.say(head + std::string(1999, 'x'));
  it.io.poll();
  second.say(head + std::string(1999, 'x'));
  EXPECT_EQ(second.hear().status, 503U);
  second.hear_end();
  first.say("x");
  EXPECT_EQ(first.hear().status, 200U);
}

}  // namespace
}  // namespace amb
