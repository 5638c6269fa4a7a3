// SPDX-License-Identifier: Apache-2.0
#include "admin/event_stream.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <optional>

#include "unit/admin/asking.h"
#include "unit/admin/fake_control.h"

namespace amb {
namespace {

using namespace test;

class EventStreamOf : public testing::Test {
 protected:
  /// The next piece; nothing while there is none.
  void ask() {
    piece_.reset();
    asio::co_spawn(
        io_, [this]() -> asio::awaitable<void> { piece_ = co_await stream_.next(); }, asio::detached);
    io_.restart();
    io_.poll();
  }
  std::string next() {
    ask();
    run_until(io_, [this] { return piece_.has_value(); });
    return piece_.value_or("");
  }

  asio::io_context io_;
  FakeControl control_;
  EventStream stream_{io_, control_, std::chrono::hours(1)};
  std::optional<std::string> piece_;
};

TEST_F(EventStreamOf, GreetsAtOnce) { EXPECT_EQ(next(), ": ok\n\n"); }

TEST_F(EventStreamOf, TellsEventsWithTheirNumbers) {
  (void)next();
  control_.tell("ready", R"({"event":"ready"})");
  control_.tell("moved", R"({"event":"moved"})");
  EXPECT_EQ(next(),
            "id: 1\nevent: ready\ndata: {\"event\":\"ready\"}\n\n"
            "id: 2\nevent: moved\ndata: {\"event\":\"moved\"}\n\n");
}

TEST_F(EventStreamOf, WaitsForTheNextEvent) {
  (void)next();
  ask();
  EXPECT_FALSE(piece_);
  control_.tell("ready", "{}");
  run_until(io_, [this] { return piece_.has_value(); });
  EXPECT_EQ(piece_, "id: 1\nevent: ready\ndata: {}\n\n");
}

TEST_F(EventStreamOf, KeepsSoManyForASlowReaderAndCountsTheRest) {
  (void)next();
  for (int i = 0; i < 300; ++i) control_.tell("e", "{}");
  const std::string piece = next();
  EXPECT_TRUE(piece.starts_with("id: 1\n"));
  EXPECT_TRUE(piece.ends_with("id: 256\nevent: e\ndata: {}\n\nevent: lost\ndata: {\"lost\":44}\n\n"))
      << piece.substr(piece.size() - 100);
  control_.tell("e", "{}");
  EXPECT_EQ(next(), "id: 301\nevent: e\ndata: {}\n\n") << "told once";
}

TEST_F(EventStreamOf, GivesWhatIsLeftAtOnce) {
  (void)next();
  EXPECT_EQ(stream_.rest(), "");
  control_.tell("stopping", "{}");
  EXPECT_EQ(stream_.rest(), "id: 1\nevent: stopping\ndata: {}\n\n");
  EXPECT_EQ(stream_.rest(), "");
}

TEST_F(EventStreamOf, EndsAndHearsNothingMore) {
  (void)next();
  ask();
  stream_.end();
  EXPECT_TRUE(control_.listeners.empty());
  run_until(io_, [this] { return piece_.has_value(); });
  EXPECT_EQ(piece_, "");
  EXPECT_EQ(next(), "");
  stream_.end();
}

TEST(EventStream, SaysThatItIsAliveWhileNothingHappens) {
  asio::io_context io;
  FakeControl control;
  EventStream stream(io, control, std::chrono::milliseconds(1));
  int alive = 0;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        while (alive < 3) {
          EXPECT_EQ(co_await stream.next(), ": ok\n\n");
          ++alive;
        }
      },
      asio::detached);
  run_until(io, [&] { return alive == 3; });
}

TEST(EventStream, TakesItselfOffWhenItGoes) {
  asio::io_context io;
  FakeControl control;
  {
    const EventStream stream(io, control, std::chrono::hours(1));
    EXPECT_EQ(control.listeners.size(), 1U);
  }
  EXPECT_TRUE(control.listeners.empty());
}

class WatchStreamOf : public testing::Test {
 protected:
  std::string next() {
    std::optional<std::string> piece;
    asio::co_spawn(io_, [&]() -> asio::awaitable<void> { piece = co_await stream_.next(); }, asio::detached);
    run_until(io_, [&] { return piece.has_value(); });
    return piece.value_or("");
  }

  asio::io_context io_;
  FakeControl control_;
  std::shared_ptr<Numbers> numbers_ = std::make_shared<Numbers>(control_);
  EventStream stream_{
      io_, control_, std::chrono::hours(1), {.numbers = numbers_, .every = std::chrono::milliseconds(1)}};
};

TEST_F(WatchStreamOf, TellsNumbersAtOnceAndAgain) {
  EXPECT_EQ(next(), ": ok\n\n");
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(next().starts_with("event: numbers\ndata: {\"time_ms\":"));
}

TEST_F(WatchStreamOf, TellsEventsBeforeTheNumbers) {
  (void)next();
  control_.tell("ready", "{}");
  const std::string piece = next();
  EXPECT_TRUE(piece.starts_with("id: 1\nevent: ready\ndata: {}\n\nevent: numbers\n")) << piece;
}

TEST_F(WatchStreamOf, EndsWithTheProgram) {
  (void)next();
  numbers_->end();
  stream_.end();
  EXPECT_EQ(next(), "");
}

}  // namespace
}  // namespace amb
