// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "admin/http_connection.h"
#include "unit/admin/serving.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;

/// A stream whose pieces the test gives.
class Pieces final : public HttpStream {
 public:
  explicit Pieces(asio::io_context& io) : wait_(io) {}
  asio::awaitable<std::string> next() override {
    while (pieces.empty() && !is_over) {
      wait_.expires_at(asio::steady_timer::time_point::max());
      (void)co_await wait_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    std::string piece;
    piece.swap(pieces);
    co_return piece;
  }
  std::string rest() override { return std::exchange(pieces, {}); }
  void end() override {
    is_over = true;
    wait_.cancel();
  }
  void give(const std::string& piece) {
    pieces += piece;
    wait_.cancel();
  }
  std::string pieces;
  bool is_over = false;

 private:
  asio::steady_timer wait_;
};

struct Streaming : Serving {
  explicit Streaming(HttpLimits limits = {}) : Serving(limits) {
    handler->answers = [this](HttpRequest) -> asio::awaitable<HttpResponse> {
      streams.push_back(std::make_shared<Pieces>(io));
      HttpResponse response{
          .content_type = "text/event-stream", .body = {}, .fields = {}, .stream = streams.back()};
      co_return response;
    };
  }
  std::vector<std::shared_ptr<Pieces>> streams;
};

TEST(HttpStreaming, GoesOnUntilItIsOver) {
  Streaming it;
  Asker asker = it.asker();
  asker.say(request("GET", "/v1/events"));
  const Answer head = asker.hear_head();
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.field("content-type"), "text/event-stream");
  EXPECT_EQ(head.field("content-length"), "") << "nobody knows how much there will be";
  EXPECT_EQ(head.field("connection"), "close");
  it.streams.front()->give("one\n");
  EXPECT_EQ(asker.hear_until("\n"), "one\n");
  it.streams.front()->give("two\n");
  EXPECT_EQ(asker.hear_until("\n"), "two\n");
  it.streams.front()->end();
  asker.hear_end();
}

TEST(HttpStreaming, EndsWithItsReader) {
  Streaming it;
  Asker asker = it.asker();
  asker.say(request("GET", "/v1/events"));
  EXPECT_EQ(asker.hear_head().status, 200U);
  asker.close();
  run_until(it.io, [&] { return it.streams.front()->is_over && it.server->connections() == 0; });
}

TEST(HttpStreaming, IsForSoManyAndNoMore) {
  Streaming it({.streams = 4});
  Asker first = it.asker(), second = it.asker(), third = it.asker();
  for (Asker* asker : {&first, &second}) {
    asker->say(request("GET", "/v1/events"));
    EXPECT_EQ(asker->hear_head().status, 200U);
  }
  EXPECT_EQ(third.ask(request("GET", "/v1/events")).status, 503U);
  third.hear_end();
  EXPECT_TRUE(it.streams[2]->is_over);
  first.close();
  run_until(it.io, [&] { return it.server->connections() == 1; });
  Asker fourth = it.asker();
  fourth.say(request("GET", "/v1/events"));
  EXPECT_EQ(fourth.hear_head().status, 200U);
}

TEST(HttpStreaming, IsNotBegunForAHead) {
  Streaming it;
  Asker asker = it.asker();
  asker.say(request("HEAD", "/v1/events"));
  EXPECT_EQ(asker.hear_head().status, 200U);
  EXPECT_TRUE(it.streams.front()->is_over);
}

TEST(HttpStreaming, EndsWhenItIsNotRead) {
  Streaming it({.write_time = milliseconds(20)});
  Asker asker = it.asker();
  asker.say(request("GET", "/v1/events"));
  EXPECT_EQ(asker.hear_head().status, 200U);
  it.streams.front()->give(std::string(std::size_t{16} << 20U, 'x'));
  run_until(it.io, [&] { return it.streams.front()->is_over && it.server->connections() == 0; });
}

TEST(HttpStreaming, LeavesHalfOfTheConnectionsToOthers) {
  Streaming it({.connections = 16, .streams = 100});
  std::vector<Asker> followers;
  for (int i = 0; i < 2; ++i) {
    followers.push_back(it.asker());
    followers.back().say(request("GET", "/v1/events"));
    EXPECT_EQ(followers.back().hear_head().status, 200U);
  }
  EXPECT_EQ(it.ask(request("GET", "/v1/events")).status, 503U) << "of the owner's four two may follow";
}

}  // namespace
}  // namespace amb
