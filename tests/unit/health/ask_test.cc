// SPDX-License-Identifier: Apache-2.0
#include "health/ask.h"

#include <gtest/gtest.h>

#include "unit/health/verdict_of.h"

namespace amb {
namespace {

using namespace test;
using enum HealthOptions::Kind;
using Kind = Verdict::Kind;

SocketAddress path_of_its_own(const std::string& name) {
  return SocketAddress::from_path("@amb-" + name + "-" + std::to_string(::getpid())).value();
}

TEST(Ask, TakesAConnectionForAnAnswerWhereThatIsAllThatIsAsked) {
  asio::io_context io;
  bool was_reset = true;
  const ScriptedServer server(io, [&](Line& line) -> awaitable<void> {
    EXPECT_EQ(co_await line.read_to_end(), "");
    was_reset = line.was_reset();
  });
  EXPECT_EQ(verdict_on(io, server.address(), options_for(tcp), &server), well("it accepts connections"));
  run_until(io, [&] { return server.served() == 1 && server.present() == 0; });
  EXPECT_FALSE(was_reset) << "an orderly end, for a reset is a line in somebody's log";
}

TEST(Ask, TellsThatNobodyListens) {
  asio::io_context io;
  SocketAddress nobody;
  {
    const ScriptedServer server(io, silent);
    nobody = server.address();
  }
  for (const auto kind : {tcp, http, redis, redis_primary, postgres, postgres_primary, mysql, send_expect}) {
    EXPECT_EQ(verdict_on(io, nobody, options_for(kind)), absent("connecting: Connection refused"));
  }
}

TEST(Ask, TakesAUnixSocketWhoseBacklogIsFullForOneThatListens) {
  asio::io_context io;
  const BoundListener full = listen_on(path_of_its_own("busy"));
  ASSERT_EQ(::listen(full.sockets.front().borrow(), 0), 0);
  const Connected filler = connect_to(full.address);
  ASSERT_EQ(filler.error, 0);
  EXPECT_EQ(verdict_on(io, full.address, options_for(tcp)), well("it listens, and its backlog is full"));
  EXPECT_EQ(verdict_on(io, full.address, options_for(redis)), not_well("connecting: its backlog is full"));
}

TEST(Ask, AsksAtThePortThatTheOptionsName) {
  asio::io_context io;
  const ScriptedServer service(io, silent), probe(io, silent);
  HealthOptions options = options_for(tcp);
  options.port = probe.address().port();
  EXPECT_EQ(verdict_on(io, service.address(), options).kind, Kind::well);
  run_until(io, [&] { return probe.served() == 1; });
  EXPECT_EQ(service.served(), 0);
}

TEST(Ask, AsksAtThePathOfAUnixSocketWhateverThePort) {
  asio::io_context io;
  const ScriptedServer server(io, answering("PING\r\n", {"+PONG\r\n"}), path_of_its_own("ask"));
  HealthOptions options = options_for(redis);
  options.port = 1;
  EXPECT_EQ(verdict_on(io, server.address(), options, &server), well("PONG"));
}

TEST(Ask, PutsTheQuestionThatTheKindNames) {
  struct Row {
    HealthOptions::Kind kind;
    std::string begins;
  };
  const Row kRows[] = {
      {http, "GET /"},
      {redis, "*1\r\n$4\r\nPING"},
      {redis_primary, "*1\r\n$4\r\nPING"},
      {postgres, std::string("\0\0\0", 3)},
      {postgres_primary, std::string("\0\0\0", 3)},
      {send_expect, "ahoy"},
  };
  for (const Row& row : kRows) {
    HealthOptions options = options_for(row.kind);
    options.send = "ahoy";
    options.expect = "ahoy";
    std::string heard;
    EXPECT_EQ(verdict_of(options,
                         [&](Line& line) -> awaitable<void> {
                           heard = co_await line.read(row.begins.size());
                           line.reset();
                         })
                  .kind,
              Kind::not_well);
    EXPECT_EQ(heard, row.begins);
  }
}

TEST(Ask, KeepsWhatAServerSaysShort) {
  const Verdict verdict = verdict_of(options_for(redis), [](Line& line) -> awaitable<void> {
    co_await line.say("-ERR " + std::string(1000, 'x') + "\r\n");
  });
  EXPECT_EQ(verdict.why.size(), Verdict::kMostWhyBytes);
}

}  // namespace
}  // namespace amb
