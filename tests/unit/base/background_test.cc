// SPDX-License-Identifier: Apache-2.0
#include "base/background.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

namespace amb {
namespace {

namespace asio = boost::asio;
using Clock = Background::Clock;

TEST(Background, GivesBackWhatTheWorkReturned) {
  asio::io_context io;
  Background background(io);
  std::optional<std::string> got;
  std::thread::id worked_on;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        got = co_await background.run([&](const Cancelled&) {
          worked_on = std::this_thread::get_id();
          return std::string("done");
        });
      },
      pass_on);
  io.run();
  EXPECT_EQ(got, "done");
  EXPECT_NE(worked_on, std::this_thread::get_id());
}

TEST(Background, ThrowsWhatTheWorkThrew) {
  asio::io_context io;
  Background background(io);
  std::string caught;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        try {
          (void)co_await background.run(
              [](const Cancelled&) -> int { throw std::runtime_error("no memory"); });
        } catch (const std::runtime_error& error) {
          caught = error.what();
        }
      },
      pass_on);
  io.run();
  EXPECT_EQ(caught, "no memory");
}

TEST(Background, GivesNothingAtTheDeadlineHoweverLongTheWorkBeforeTakes) {
  asio::io_context io;
  Background background(io);
  std::atomic<bool> is_late = false;
  const auto until_late = [&](const Cancelled&) {
    while (!is_late) std::this_thread::yield();
    return 1;
  };
  asio::co_spawn(io, [&]() -> asio::awaitable<void> { (void)co_await background.run(until_late); }, pass_on);
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        const bool is_done =
            (co_await background.run([](const Cancelled&) { return 1; }, Clock::now())).has_value();
        is_late = !is_done;
      },
      pass_on);
  io.run();
  EXPECT_TRUE(is_late);
}

TEST(Background, TellsTheWorkWhenTheLoopAndWhoAskedAreGone) {
  const auto told = std::make_shared<std::promise<void>>();
  const auto begun = std::make_shared<std::promise<void>>();
  std::optional<asio::io_context> io(std::in_place);
  std::optional<Background> background(std::in_place, *io);
  asio::co_spawn(
      *io,
      [&, told, begun]() -> asio::awaitable<void> {
        const auto until_told = [told, begun](const Cancelled& cancelled) {
          begun->set_value();
          while (!cancelled) std::this_thread::yield();
          told->set_value();
          return 1;
        };
        (void)co_await background->run(until_told);
      },
      asio::detached);
  io->poll();
  begun->get_future().wait();
  background.reset();
  io.reset();
  told->get_future().wait();
}

}  // namespace
}  // namespace amb
