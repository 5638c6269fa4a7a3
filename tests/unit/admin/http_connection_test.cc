// SPDX-License-Identifier: Apache-2.0
#include "admin/http_connection.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "base/await.h"
#include "unit/admin/serving.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;

TEST(HttpConnection, AnswersOneRequestAfterTheOther) {
  Serving it;
  Asker asker = it.asker();
  for (int i = 0; i < 3; ++i) {
    const Answer answer = asker.ask(request("GET", "/v1/status"));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "GET 2 ");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
    EXPECT_EQ(answer.field("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.field("connection"), "");
  }
  EXPECT_EQ(it.handler->asked.size(), 3U);
}

TEST(HttpConnection, AnswersRequestsThatCameTogether) {
  Serving it;
  Asker asker = it.asker();
  asker.say(request("POST", "/a", "one") + request("GET", "/a/b") + request("POST", "/", "three"));
  EXPECT_EQ(asker.hear().body, "POST 1 one");
  EXPECT_EQ(asker.hear().body, "GET 2 ");
  EXPECT_EQ(asker.hear().body, "POST 0 three");
}

TEST(HttpConnection, ReadsARequestHoweverItIsCut) {
  Serving it;
  Asker asker = it.asker();
  for (const char c : request("POST", "/v1/drain", R"({"link":"redis"})")) {
    asker.say({&c, 1});
    it.io.restart();
    it.io.poll();
  }
  EXPECT_EQ(asker.hear().body, R"(POST 2 {"link":"redis"})");
}

TEST(HttpConnection, ReadsABodyInChunks) {
  Serving it;
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(it.ask(head + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").body, "POST 0 abcde");
  Asker asker = it.asker();
  asker.say(head);
  for (int i = 0; i < 7; ++i) asker.say("a\r\n0123456789\r\n");
  EXPECT_EQ(asker.hear().status, 413U) << "64 bytes are the most";
  asker.hear_end();
}

TEST(HttpConnection, GivesAHeadWithoutTheBody) {
  Serving it;
  Asker asker = it.asker();
  asker.say(request("HEAD", "/"));
  const Answer answer = asker.hear_head();
  EXPECT_EQ(answer.field("content-length"), "6") << "GET 0 and a space";
  EXPECT_EQ(asker.rest(), "");
  EXPECT_EQ(asker.ask(request("GET", "/")).body, "GET 0 ");
}

TEST(HttpConnection, EndsWhenTheAskerWantsThat) {
  Serving it;
  Asker asker = it.asker();
  EXPECT_EQ(asker.ask(request("GET", "/", {}, "Connection: close\r\n")).field("connection"), "close");
  asker.hear_end();
  Asker old = it.asker();
  EXPECT_EQ(old.ask("GET / HTTP/1.0\r\n\r\n").status, 200U);
  old.hear_end();
  run_until(it.io, [&] { return it.server->connections() == 0; });
}

TEST(HttpConnection, LetsTheAskerSendABodyThatItOnlyAnnounced) {
  Serving it;
  Asker asker = it.asker();
  asker.say("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(asker.hear_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(asker.ask("abc").body, "POST 0 abc");
}

struct Malformed {
  std::string text;
  unsigned status;
  const char* because;
};

void PrintTo(const Malformed& one, std::ostream* out) { *out << one.because; }

class MalformedRequest : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedRequest, IsRefusedAndTheLast) {
  Serving it;
  Asker asker = it.asker();
  const Answer answer = asker.ask(GetParam().text);
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_EQ(answer.field("content-type"), "application/json");
  EXPECT_TRUE(answer.body.starts_with("{\"error\":\"")) << answer.body;
  EXPECT_TRUE(it.handler->asked.empty());
  asker.hear_end();
}

INSTANTIATE_TEST_SUITE_P(
    Texts, MalformedRequest,
    testing::Values(
        Malformed{"nonsense\r\n\r\n", 400, "no request at all"},
        Malformed{"GET / HTTP/2.0\r\n\r\n", 400, "another version"},
        Malformed{std::string("\x16\x03\x01\x02\x00\x01\x00", 7) + "\r\n\r\n", 400, "TLS"},
        Malformed{"GET / HTTP/1.1\r\nA b: c\r\n\r\n", 400, "a name with a space"},
        Malformed{"GET ftp://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n", 400, "another protocol's"},
        Malformed{"GET /" + std::string(100, '/') + " HTTP/1.1\r\nHost: x\r\n\r\n", 400,
                  "a path of many parts"},
        Malformed{"GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", 431, "a long head"},
        Malformed{"GET / HTTP/1.1\r\nX: " + std::string(20000, 'x'), 431, "one that does not end"},
        Malformed{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65\r\n\r\n", 413, "a byte too much"},
        Malformed{"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413, "far too much"},
        Malformed{"OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "a browser's question"}));

TEST(HttpConnection, RefusesAHugeBodyBeforeItIsRead) {
  Serving it;
  Asker asker = it.asker();
  asker.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 104857600\r\n\r\n");
  EXPECT_EQ(asker.hear().status, 413U);
  const std::string piece(65536, 'x');
  for (int i = 0; i < 1600; ++i) asker.say(piece);  // goes on sending all 100 MiB, as far as it can
  asker.hear_end();
  run_until(it.io, [&] { return it.server->connections() == 0; });
}

TEST(HttpConnection, EndsWhenARequestDoesNotArriveInTime) {
  Serving it({.request_time = milliseconds(20)});
  Asker silent = it.asker(), slow = it.asker(), later = it.asker();
  slow.say("GET / HT");
  EXPECT_EQ(later.ask(request("GET", "/")).status, 200U);
  later.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc");  // the body counts too
  silent.hear_end();
  slow.hear_end();
  later.hear_end();
  EXPECT_EQ(slow.rest() + silent.rest() + later.rest(), "");
  EXPECT_EQ(it.handler->asked.size(), 1U);
}

TEST(HttpConnection, IsKeptWhileNobodyAsksAndNoLonger) {
  Serving patient({.request_time = milliseconds(1), .idle_time = std::chrono::hours(1)});
  Asker asker = patient.asker();
  asker.say(request("GET", "/"));
  EXPECT_EQ(asker.hear().status, 200U);
  asio::steady_timer wait(patient.io, milliseconds(10));
  bool is_over = false;
  wait.async_wait([&](const auto&) { is_over = true; });
  run_until(patient.io, [&] { return is_over; });
  EXPECT_FALSE(asker.has_ended());
  Serving hurried({.request_time = std::chrono::hours(1), .idle_time = milliseconds(1)});
  Asker other = hurried.asker();
  EXPECT_EQ(other.ask(request("GET", "/")).status, 200U);
  other.hear_end();
}

TEST(HttpConnection, EndsWhenAnAnswerIsNotRead) {
  Serving it({.write_time = milliseconds(20)});
  it.handler->answers = [](HttpRequest) -> asio::awaitable<HttpResponse> {
    HttpResponse response;
    response.body.assign(std::size_t{16} << 20U, 'x');
    co_return response;
  };
  Asker asker = it.asker();
  asker.say(request("GET", "/"));
  run_until(it.io, [&] { return !it.handler->asked.empty() && it.server->connections() == 0; });
}

TEST(HttpConnection, OutlivesAMistakeOfOursInAnAnswer) {
  Serving it;
  it.handler->answers = [](HttpRequest) -> asio::awaitable<HttpResponse> {
    throw std::logic_error("an \"invariant\"");
    co_return HttpResponse{};
  };
  Asker asker = it.asker();
  const Answer answer = asker.ask(request("GET", "/"));
  EXPECT_EQ(answer.status, 500U);
  EXPECT_NE(answer.body.find("a bug: an"), std::string::npos) << answer.body;
  EXPECT_EQ(asker.ask(request("GET", "/")).status, 500U) << "it goes on";
}

TEST(HttpConnection, OutlivesThatThereIsNoMemoryForAnAnswer) {
  Serving it;
  it.handler->answers = [](HttpRequest) -> asio::awaitable<HttpResponse> {
    throw std::bad_alloc();
    co_return HttpResponse{};
  };
  Asker asker = it.asker();
  EXPECT_EQ(asker.ask(request("GET", "/")).status, 503U);
  it.handler->answers = {};
  EXPECT_EQ(asker.ask(request("GET", "/")).status, 200U) << "it goes on";
}

TEST(HttpConnection, GivesAPartOfTheProgramWithoutACopy) {
  Serving it;
  it.handler->answers = [](HttpRequest) -> asio::awaitable<HttpResponse> {
    HttpResponse response;
    response.fixed_body = "fixed";
    co_return response;
  };
  EXPECT_EQ(it.ask(request("GET", "/")).body, "fixed");
}

TEST(HttpConnection, TellsWhoAnswersSlowlyWhetherTheAskerIsStillThere) {
  Serving it;
  std::function<bool()> is_wanted;
  asio::steady_timer never(it.io, asio::steady_timer::time_point::max());
  it.handler->answers = [&](HttpRequest asked) -> asio::awaitable<HttpResponse> {
    is_wanted = asked.is_wanted;
    (void)co_await never.async_wait(kAwait);
    co_return HttpResponse();
  };
  {
    Asker asker = it.asker();
    asker.say(request("GET", "/"));
    run_until(it.io, [&] { return is_wanted != nullptr; });
    EXPECT_TRUE(is_wanted());
  }
  EXPECT_TRUE(eventually([&] { return !is_wanted(); })) << "it has closed its end";
  is_wanted = nullptr;
  Asker patient = it.asker();
  patient.say(request("GET", "/"));
  run_until(it.io, [&] { return is_wanted != nullptr; });
  it.server->stop();
  EXPECT_FALSE(is_wanted()) << "nobody could be answered";
}

}  // namespace
}  // namespace amb
