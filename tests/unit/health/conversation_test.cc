// SPDX-License-Identifier: Apache-2.0
#include "health/conversation.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <functional>

#include "unit/health/scripted_server.h"
#include "unit/support/network_namespace.h"

namespace amb {
namespace {

using namespace test;
using std::chrono::milliseconds;
using Kind = Verdict::Kind;
using Talk = std::function<awaitable<void>(Conversation&)>;

/// What connect() said, nothing when it connected, after which `talk` has its say.
std::optional<Verdict> converse(asio::io_context& io, const SocketAddress& endpoint, Talk talk = nullptr,
                                milliseconds timeout = kDeadline) {
  std::optional<Verdict> refused;
  bool is_over = false;
  const auto play = [&]() -> awaitable<void> {
    const auto conversation = std::make_shared<Conversation>(io, timeout);
    refused = co_await conversation->connect(endpoint);
    if (!refused && talk) co_await talk(*conversation);
    is_over = true;
  };
  asio::co_spawn(io, play, asio::detached);
  run_until(io, [&] { return is_over; });
  return refused;
}

/// The same with a server that plays `script`.
void converse_with(Script script, Talk talk, milliseconds timeout = kDeadline) {
  asio::io_context io;
  const ScriptedServer server(io, std::move(script));
  EXPECT_FALSE(converse(io, server.address(), std::move(talk), timeout));
}

TEST(Conversation, ConnectsOverIpv4Ipv6AndUnixSockets) {
  asio::io_context io;
  for (const SocketAddress& on :
       {ip("127.0.0.1"), ip("::1"),
        SocketAddress::from_path("@amb-test-" + std::to_string(::getpid())).value()}) {
    const ScriptedServer server(io, silent, on);
    EXPECT_FALSE(converse(io, server.address())) << on.to_string();
  }
}

TEST(Conversation, TellsWhyItCannotConnect) {
  asio::io_context io;
  SocketAddress nobody;
  {
    const ScriptedServer server(io, silent);
    nobody = server.address();
  }
  EXPECT_EQ(converse(io, nobody), absent("connecting: Connection refused"));
  EXPECT_EQ(converse(io, SocketAddress::from_path("/nonexistent/socket").value()),
            absent("connecting: No such file or directory"));
}

TEST(Conversation, GivesUpAnEndpointThatTakesNoConnection) {
  asio::io_context io;
  const BoundListener full = listen_on(ip("127.0.0.1"));
  ASSERT_EQ(::listen(full.sockets.front().borrow(), 0), 0);
  std::vector<ConnectResult> fillers;
  for (int i = 0; i < 4; ++i) fillers.push_back(try_connect(full.address));
  ASSERT_TRUE(is_ready(fillers.front().fd.borrow(), POLLOUT));
  EXPECT_EQ(converse(io, full.address, nullptr, milliseconds(30)), not_well("no connection within 30 ms"));
}

TEST(Conversation, SeesThatAUnixSocketsBacklogIsFull) {
  asio::io_context io;
  const BoundListener full =
      listen_on(SocketAddress::from_path("@amb-full-" + std::to_string(::getpid())).value());
  ASSERT_EQ(::listen(full.sockets.front().borrow(), 0), 0);
  const Connected filler = connect_to(full.address);
  ASSERT_EQ(filler.error, 0);
  EXPECT_EQ(converse(io, full.address), not_well("connecting: its backlog is full"));
}

TEST(Conversation, IsNotTakenInByAConnectionThatMetItself) {
  in_network_namespace([] {
    {
      std::ofstream range("/proc/sys/net/ipv4/ip_local_port_range");
      range << "41000 41000";
    }
    asio::io_context io;
    EXPECT_EQ(converse(io, ip("127.0.0.1", 41000)),
              not_well("nobody listens there: the connection met itself"));
  });
}

TEST(Conversation, DoesNotBlameTheEndpointForOurOwnWantOfDescriptors) {
  in_child([] {
    asio::io_context io;
    const ScriptedServer server(io, silent);
    const rlimit none{4, 4};  // fewer than are open
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    EXPECT_EQ(converse(io, server.address()), undecided("connecting: Too many open files"));
  });
}

TEST(Conversation, ReadsLinesHoweverTheyAreCut) {
  for (const bool is_cut : {false, true}) {
    const std::string text = "first\r\n\r\nwith \r and \n inside\r\nlast\r\n";
    converse_with(
        [&](Line& line) -> awaitable<void> {
          co_await line.say(text, is_cut);
          co_await silent(line);
        },
        [](Conversation& talk) -> awaitable<void> {
          for (const std::string expected : {"first", "", "with \r and \n inside", "last"}) {
            EXPECT_EQ(co_await talk.read_line(), expected);
          }
          EXPECT_EQ(talk.rest(), "");
        });
  }
}

TEST(Conversation, ReadsSoManyBytesAndLeavesTheOthers) {
  converse_with([](Line& line) -> awaitable<void> { co_await line.say("abcdefgh\r\n"); },
                [](Conversation& talk) -> awaitable<void> {
                  EXPECT_EQ(co_await talk.read_exactly(0), "");
                  EXPECT_EQ(co_await talk.read_exactly(3), "abc");
                  EXPECT_EQ(co_await talk.read_exactly(2), "de");
                  EXPECT_EQ(talk.rest(), "fgh\r\n");
                  EXPECT_EQ(co_await talk.read_line(), "fgh");
                });
}

TEST(Conversation, SaysWhatItIsTold) {
  std::string heard;
  converse_with(
      [&](Line& line) -> awaitable<void> {
        heard = co_await line.read(7);
        co_await line.say("thanks\r\n");
      },
      [](Conversation& talk) -> awaitable<void> {
        co_await talk.send("ahoy, 1");
        EXPECT_EQ(co_await talk.read_line(), "thanks");
      });
  EXPECT_EQ(heard, "ahoy, 1");
}

TEST(Conversation, TellsThatTheServerEndedEarly) {
  converse_with([](Line& line) -> awaitable<void> { co_await line.say("half a li"); },
                [](Conversation& talk) -> awaitable<void> {
                  EXPECT_EQ(co_await talk.read_line(), std::nullopt);
                  EXPECT_EQ(talk.failure(), not_well("it closed the connection before it had answered"));
                  EXPECT_EQ(talk.rest(), "half a li");
                });
}

TEST(Conversation, TellsThatTheServerReset) {
  converse_with(
      [](Line& line) -> awaitable<void> {
        (void)co_await line.read(1);
        line.reset();
      },
      [](Conversation& talk) -> awaitable<void> {
        co_await talk.send("x");
        EXPECT_EQ(co_await talk.read_exactly(1), std::nullopt);
        EXPECT_EQ(talk.failure(), not_well("reading: Connection reset by peer"));
      });
}

TEST(Conversation, ReadsWhatAServerSaidThatClosedAtOnce) {
  converse_with([](Line& line) -> awaitable<void> { co_await line.say("-ERR too many\r\n"); },
                [](Conversation& talk) -> awaitable<void> {
                  for (int i = 0; i < 9; ++i)
                    co_await talk.send("PING\r\n");  // into a connection reset by then
                  EXPECT_EQ(co_await talk.read_line(), "-ERR too many");
                  EXPECT_EQ(co_await talk.read_line(), std::nullopt);
                  EXPECT_EQ(talk.failure().kind, Kind::not_well);
                });
}

TEST(Conversation, EndsWhenItsTimeIsUpHoweverSlowlyTheServerTalks) {
  const auto drip = [](Line& line) -> awaitable<void> {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    boost::system::error_code error;
    while (!error) {
      pause.expires_after(milliseconds(1));
      co_await pause.async_wait(asio::use_awaitable);
      std::tie(error, std::ignore) = co_await asio::async_write(line.socket(), asio::buffer("x", 1), kAwait);
    }
  };
  converse_with(
      drip,
      [](Conversation& talk) -> awaitable<void> {
        EXPECT_EQ(co_await talk.read_line(), std::nullopt);
        EXPECT_EQ(talk.failure(), not_well("no answer within 30 ms"));
      },
      milliseconds(30));
}

TEST(Conversation, TakesInNoMoreThan64KiB) {
  converse_with(
      [](Line& line) -> awaitable<void> {
        co_await line.say(std::string(Conversation::kMostBytes * 2, 'x'));
      },
      [](Conversation& talk) -> awaitable<void> {
        EXPECT_EQ(co_await talk.read_line(), std::nullopt);
        EXPECT_EQ(talk.failure(), not_well("its answer is longer than 64 KiB"));
        EXPECT_EQ(talk.rest().size(), Conversation::kMostBytes);
      });
}

TEST(Conversation, CountsWhatHasBeenReadTowards64KiBToo) {
  converse_with(
      [](Line& line) -> awaitable<void> {
        co_await line.say(std::string(Conversation::kMostBytes * 2, 'x'));
      },
      [](Conversation& talk) -> awaitable<void> {
        EXPECT_TRUE(co_await talk.read_exactly(Conversation::kMostBytes - 1));
        EXPECT_EQ(co_await talk.read_exactly(2), std::nullopt);
        EXPECT_EQ(talk.failure(), not_well("its answer is longer than 64 KiB"));
      });
}

TEST(Conversation, DoesNotWaitForMoreThanItWouldTakeIn) {
  converse_with(silent, [](Conversation& talk) -> awaitable<void> {
    EXPECT_EQ(co_await talk.read_exactly(Conversation::kMostBytes + 1), std::nullopt);
    EXPECT_EQ(talk.failure(), not_well("its answer is longer than 64 KiB"));
  });
}

TEST(Conversation, FailsForAnObjectionWhateverElseHappened) {
  converse_with([](Line&) -> awaitable<void> { co_return; },
                [](Conversation& talk) -> awaitable<void> {
                  EXPECT_FALSE(co_await talk.read_more());
                  talk.object("its answer is no answer");
                  EXPECT_EQ(talk.failure(), not_well("its answer is no answer"));
                });
}

TEST(Conversation, CanBeClosedWhileItWaits) {
  asio::io_context io;
  const ScriptedServer server(io, silent);
  const auto talk = std::make_shared<Conversation>(io, kDeadline);
  bool is_waiting = false, is_over = false;
  const auto play = [&]() -> awaitable<void> {
    EXPECT_FALSE(co_await talk->connect(server.address()));
    is_waiting = true;
    EXPECT_FALSE(co_await talk->read_more());
    is_over = true;
  };
  asio::co_spawn(io, play, asio::detached);
  run_until(io, [&] { return is_waiting && server.present() == 1; });
  talk->close();
  run_until(io, [&] { return is_over && server.present() == 0; });
}

TEST(Conversation, LeavesNothingBehindForItsDeadline) {
  asio::io_context io;
  ScriptedServer server(io, silent);
  EXPECT_FALSE(converse(io, server.address(), nullptr, std::chrono::hours(1)));
  server.stop();
  io.restart();
  io.run();  // ends: nothing waits for an hour
}

TEST(Conversation, KeepsItsSocketFromOtherPrograms) {
  converse_with(silent, [](Conversation& talk) -> awaitable<void> {
    EXPECT_EQ(::fcntl(talk.socket().native_handle(), F_GETFD), FD_CLOEXEC);
    co_return;
  });
}

TEST(Conversation, ReadsAsOftenAsABoundedAnswerNeeds) {
  const std::string dribble(8 * Conversation::kMostReads, 'x');  // the kernel may put some together
  converse_with([&](Line& line) -> awaitable<void> { co_await line.say_byte_by_byte(dribble); },
                [&](Conversation& talk) -> awaitable<void> {
                  while (co_await talk.read_more()) continue;
                  EXPECT_EQ(talk.failure().why, "its answer comes in more than 1,024 pieces");
                  EXPECT_GE(talk.rest().size(), Conversation::kMostReads);
                  EXPECT_LT(talk.rest().size(), dribble.size());
                });
}

TEST(Conversation, ReadsLinesOfText) {
  std::vector<std::string> lines;
  converse_with([](Line& line) -> awaitable<void> { co_await line.say("one\r\n\ntwo\n12345678"); },
                [&](Conversation& talk) -> awaitable<void> {
                  while (const auto line = co_await talk.read_text_line(4)) lines.push_back(*line);
                  lines.emplace_back(talk.rest());
                });
  EXPECT_EQ(lines, (std::vector<std::string>{"one\r", "", "two", "1234", "5678"}));
}

}  // namespace
}  // namespace amb
