// SPDX-License-Identifier: Apache-2.0
#include "health/check_http.h"

#include <gtest/gtest.h>

#include "unit/health/verdict_of.h"

namespace amb {
namespace {

using namespace test;
using Kind = Verdict::Kind;

const HealthOptions kHttp = options_for(HealthOptions::Kind::http);

Verdict http_verdict(const std::string& answer, const HealthOptions& options = kHttp) {
  return verdict_of(options, [answer](Line& line) -> awaitable<void> {
    (void)co_await line.read_until("\r\n\r\n");
    co_await line.say(answer);
  });
}

/// What is asked at `on`, its port written as PORT.
std::string request(const HealthOptions& options, const SocketAddress& on = ip("127.0.0.1")) {
  asio::io_context io;
  std::string heard;
  const ScriptedServer server(
      io,
      [&](Line& line) -> awaitable<void> {
        heard = co_await line.read_until("\r\n\r\n");
        co_await line.say("HTTP/1.1 204 No Content\r\n\r\n");
      },
      on);
  EXPECT_EQ(verdict_on(io, server.address(), options, &server), well("HTTP status 204 No Content"));
  const std::string port = ":" + std::to_string(server.address().port());
  if (const auto at = heard.find(port); at != std::string::npos) heard.replace(at, port.size(), ":PORT");
  return heard;
}

TEST(CheckHttp, AsksForThePathAndSaysWhoItIs) {
  EXPECT_EQ(request(kHttp),
            "GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nUser-Agent: ambassador/healthcheck\r\nAccept: */*\r\n"
            "Connection: close\r\n\r\n");
  HealthOptions options = kHttp;
  options.http_path = "/health?full=1";
  options.http_host = "shop.example";
  EXPECT_TRUE(request(options).starts_with("GET /health?full=1 HTTP/1.1\r\nHost: shop.example\r\n"));
}

TEST(CheckHttp, NamesTheHostAsTheRulesWantIt) {
  EXPECT_TRUE(request(kHttp, ip("::1")).starts_with("GET / HTTP/1.1\r\nHost: [::1]:PORT\r\n"));
  const auto path = SocketAddress::from_path("@amb-http-" + std::to_string(::getpid())).value();
  EXPECT_TRUE(request(kHttp, path).starts_with("GET / HTTP/1.1\r\nHost: localhost\r\n"));
}

TEST(CheckHttp, JudgesTheStatus) {
  struct Row {
    std::string answer;
    Kind kind;
    std::string why;
  };
  const Row kRows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", Kind::well, "HTTP status 200 OK"},
      {"HTTP/1.0 200 OK\r\n\r\nuntil the end", Kind::well, "HTTP status 200 OK"},
      {"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", Kind::well,
       "HTTP status 302 Found"},
      {"HTTP/1.1 399 \r\nContent-Length: 0\r\n\r\n", Kind::well, "HTTP status 399"},
      {"HTTP/1.1 304 Not Modified\r\n\r\n", Kind::well, "HTTP status 304 Not Modified"},
      {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", Kind::not_well,
       "HTTP status 400 Bad Request"},
      {"HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
       Kind::not_well, "HTTP status 503 Service Unavailable"},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", Kind::not_well, "HTTP status 101 Switching Protocols"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", Kind::well,
       "HTTP status 200 OK"},
      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
       Kind::not_well, "HTTP status 500 No"},
      {"HTTP/1.1 200\r\n\r\n", Kind::well, "HTTP status 200"},
      {"HTTP/1.1 200 OK\nX: y\n\n", Kind::well, "HTTP status 200 OK"},
      {"HTTP/1.1 102 Processing\n\nHTTP/1.1 200 OK\n\n", Kind::well, "HTTP status 200 OK"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\nTransfer-Encoding: gzip\r\n\r\nhi",
       Kind::well, "HTTP status 200 OK"},
      {"HTTP/1.1 200 OK\r\nbroken field\r\n\r\n", Kind::well, "HTTP status 200 OK"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 32769\r\n\r\n" + std::string(32769, 'x'), Kind::well,
       "HTTP status 200 OK"},
      {"HTTP/1.1 500 No\r\nContent-Length: 18446744073709551616\r\n\r\n", Kind::not_well,
       "HTTP status 500 No"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(1 << 20, 'x'), Kind::well, "HTTP status 200 OK"},
      {"HTTP/1.1 200 " + std::string(1 << 20, 'x'), Kind::well,
       "HTTP status 200 " + std::string(Verdict::kMostWhyBytes - 16, 'x')},
      {"HTTP/1.1 103 Early Hints\r\nX: " + std::string(30'000, 'x') + "\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
       Kind::well, "HTTP status 200 OK"},
  };
  for (const Row& row : kRows) {
    const Verdict expected{row.kind, row.why};
    EXPECT_EQ(http_verdict(row.answer), expected) << row.answer;
  }
}

TEST(CheckHttp, TakesTheStatusesThatTheOptionsName) {
  HealthOptions options = kHttp;
  options.status_low = 401;
  options.status_high = 404;
  for (const auto& [status, kind] : std::initializer_list<std::pair<int, Kind>>{{200, Kind::not_well},
                                                                                {400, Kind::not_well},
                                                                                {401, Kind::well},
                                                                                {404, Kind::well},
                                                                                {405, Kind::not_well}}) {
    EXPECT_EQ(
        http_verdict("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n", options).kind,
        kind)
        << status;
  }
}

TEST(CheckHttp, ReadsAnAnswerByteByByteAndEndsOrderly) {
  EXPECT_EQ(verdict_of(kHttp,
                       [](Line& line) -> awaitable<void> {
                         (void)co_await line.read_until("\r\n\r\n");
                         co_await line.say_byte_by_byte("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                         EXPECT_EQ(co_await line.read_to_end(), "");
                         EXPECT_FALSE(line.was_reset());
                       }),
            well("HTTP status 200 OK"));
}

TEST(CheckHttp, DecidesByTheHeadWhateverBecomesOfTheBody) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(http_verdict(head + "hel"), well("HTTP status 200 OK")) << "cut short";
  EXPECT_EQ(http_verdict("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
            well("HTTP status 200 OK"));
  EXPECT_EQ(http_verdict("HTTP/1.1 200 OK\r\n\r\n" + std::string(1 << 20, 'x')), well("HTTP status 200 OK"));
}

TEST(CheckHttp, FailsForWhatIsNotHttp) {
  for (const std::string answer :
       {"-ERR unknown command 'GET'\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n",
        "\x15\x03\x01 is an alert of TLS\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n"}) {
    const Verdict verdict = http_verdict(answer);
    EXPECT_EQ(verdict.kind, Kind::not_well) << answer;
    EXPECT_EQ(verdict.why, "its answer is not HTTP: " + answer.substr(0, answer.find('\n')));
  }
}

TEST(CheckHttp, FailsForInterimAnswersWithoutEnd) {
  EXPECT_EQ(http_verdict("HTTP/1.1 100 Continue\r\nX: " + std::string(1 << 20, 'x')),
            not_well("its answer is longer than 64 KiB"));
  std::string interim;
  for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(http_verdict(interim), not_well("its answer never comes to a final status"));
}

TEST(CheckHttp, DoesNotWaitForAServerThatKeepsTheConnection) {
  EXPECT_EQ(verdict_of(kHttp,
                       [](Line& line) -> awaitable<void> {
                         (void)co_await line.read_until("\r\n\r\n");
                         co_await line.say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                         (void)co_await line.read_to_end();
                       }),
            well("HTTP status 200 OK"));
}

TEST(CheckHttp, FailsWhereThereIsNoWholeAnswer) {
  for (const std::string answer : {"", "HTT", "HTTP/1.1 200 O"}) {
    EXPECT_EQ(http_verdict(answer), not_well("it closed the connection before it had answered")) << answer;
  }
  EXPECT_EQ(verdict_of(kHttp,
                       [](Line& line) -> awaitable<void> {
                         (void)co_await line.read_until("\r\n\r\n");
                         line.reset();
                       }),
            not_well("reading: Connection reset by peer"));
}

TEST(CheckHttp, FailsWhereNoAnswerComesInTime) {
  HealthOptions options = kHttp;
  options.timeout = std::chrono::milliseconds(20);
  EXPECT_EQ(verdict_of(options, silent), not_well("no answer within 20 ms"));
}

}  // namespace
}  // namespace amb
