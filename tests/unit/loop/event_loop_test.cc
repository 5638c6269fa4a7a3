// SPDX-License-Identifier: Apache-2.0
#include "loop/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "unit/loop/recording_timer.h"

namespace amb {
namespace {

std::unique_ptr<EventLoop> open_loop() { return std::move(EventLoop::open().value()); }

/// A descriptor that is readable until it is told otherwise.
UniqueFd ready_fd() { return UniqueFd(::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)); }

struct Source final : EventSource {
  explicit Source(std::function<void(std::uint32_t)> does) : action(std::move(does)) {}
  void on_events(std::uint32_t events) override {
    ++heard;
    action(events);
  }
  std::function<void(std::uint32_t)> action;
  int heard = 0;
};

struct Work final : Deferred {
  explicit Work(std::function<void()> does) : action(std::move(does)) {}
  void on_deferred() override { action(); }
  std::function<void()> action;
};

void run_turns(EventLoop& loop, int turns) {
  loop.run([&] {
    if (--turns <= 0) loop.stop();
  });
}

TEST(EventLoop, KnowsWhetherMoreEventsOfTheTurnFollow) {
  const auto loop = open_loop();
  const UniqueFd first = ready_fd();
  const UniqueFd second = ready_fd();
  std::vector<bool> follows;
  Source source([&](std::uint32_t) { follows.push_back(loop->more_events_follow()); });
  Work work([&] { follows.push_back(loop->more_events_follow()); });
  ASSERT_TRUE(loop->add(first.borrow(), EPOLLIN, source));
  ASSERT_TRUE(loop->add(second.borrow(), EPOLLIN, source));
  loop->defer(work);
  run_turns(*loop, 1);
  EXPECT_EQ(follows, (std::vector<bool>{true, false, false}));
}

TEST(EventLoop, TellsMessagesThenEventsThenTimersThenDeferredWorkThenTheEndOfTheTurn) {
  const auto loop = open_loop();
  std::string order;
  const UniqueFd fd = ready_fd();
  Source source([&](std::uint32_t) { order += "event "; });
  test::ActingTimer timer([&] { order += "timer "; });
  Work work([&] { order += "deferred "; });
  loop->defer(work);
  loop->post([&] { order += "message "; });
  loop->timers().arm(timer, loop->now());
  ASSERT_TRUE(loop->add(fd.borrow(), EPOLLIN, source));
  loop->run([&] {
    order += "end";
    loop->stop();
  });
  EXPECT_EQ(order, "message event timer deferred end");
}

TEST(EventLoop, PassesOnWhichEventsThereAre) {
  const auto loop = open_loop();
  const UniqueFd fd = ready_fd();
  std::uint32_t heard = 0;
  Source source([&](std::uint32_t events) { heard = events; });
  ASSERT_TRUE(loop->add(fd.borrow(), EPOLLIN | EPOLLOUT, source));
  run_turns(*loop, 1);
  EXPECT_EQ(heard, std::uint32_t{EPOLLIN | EPOLLOUT});
}

TEST(EventLoop, ListensForWhatItWasLastTold) {
  const auto loop = open_loop();
  const UniqueFd fd = ready_fd();
  std::uint32_t heard = 0;
  Source first([&](std::uint32_t) { FAIL() << "replaced by the second"; });
  Source second([&](std::uint32_t events) { heard = events; });
  ASSERT_TRUE(loop->add(fd.borrow(), EPOLLIN, first));
  ASSERT_TRUE(loop->modify(fd.borrow(), EPOLLOUT, second));
  run_turns(*loop, 1);
  EXPECT_EQ(heard, std::uint32_t{EPOLLOUT});
  loop->remove(fd.borrow());
}

TEST(EventLoop, IsDeafToWhatWasRemoved) {
  const auto loop = open_loop();
  const UniqueFd fd = ready_fd();
  Source source([](std::uint32_t) { FAIL(); });
  ASSERT_TRUE(loop->add(fd.borrow(), EPOLLIN, source));
  loop->remove(fd.borrow());
  loop->post([] {});
  run_turns(*loop, 1);
}

TEST(EventLoop, RefusesADescriptorThatCannotBeWatched) {
  const auto loop = open_loop();
  Source source([](std::uint32_t) {});
  const UniqueFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(loop->add(file.borrow(), EPOLLIN, source));
  EXPECT_EQ(errno, EPERM);
  EXPECT_FALSE(loop->modify(-1, EPOLLIN, source));
}

TEST(EventLoop, LetsAHandlerCloseItselfAndOthers) {
  const auto loop = open_loop();
  UniqueFd fds[] = {ready_fd(), ready_fd()};
  const auto close_both = [&](std::uint32_t) {
    for (UniqueFd& fd : fds) fd.reset();
  };
  Source first(close_both), second(close_both);
  ASSERT_TRUE(loop->add(fds[0].borrow(), EPOLLIN, first));
  ASSERT_TRUE(loop->add(fds[1].borrow(), EPOLLIN, second));
  loop->post([&] { loop->post([] {}); });  // keeps the second turn from waiting
  run_turns(*loop, 2);
  EXPECT_LE(first.heard, 1);
  EXPECT_LE(second.heard, 1);
  EXPECT_GE(first.heard + second.heard, 1);
}

TEST(EventLoop, GoesOnWithDeferredWorkInTheNextTurn) {
  const auto loop = open_loop();
  std::vector<int> turns;
  int turn = 0;
  Work work([&] {
    turns.push_back(turn);
    if (turns.size() < 3) loop->defer(work);
  });
  loop->defer(work);
  loop->run([&] {
    if (++turn == 5) loop->stop();
    if (turn > 2) loop->post([] {});  // nothing deferred is left to keep the loop awake
  });
  EXPECT_EQ(turns, (std::vector<int>{0, 1, 2}));
}

TEST(EventLoop, ForgetsDeferredWorkThatIsDestroyedOrUnlinked) {
  const auto loop = open_loop();
  int done = 0;
  auto doomed = std::make_unique<Work>([&] { ++done; });
  Work unlinked([&] { ++done; });
  Work kept([&] {
    doomed.reset();
    unlinked.unlink();
  });
  loop->defer(kept);
  loop->defer(*doomed);
  loop->defer(unlinked);
  run_turns(*loop, 1);
  EXPECT_EQ(done, 0);
}

TEST(EventLoop, DefersTheSameWorkOnlyOnce) {
  const auto loop = open_loop();
  int done = 0;
  Work work([&] { ++done; });
  loop->defer(work);
  loop->defer(work);
  run_turns(*loop, 1);
  EXPECT_EQ(done, 1);
}

TEST(EventLoop, SleepsUntilATimerIsDueAndNeverLess) {
  const auto loop = open_loop();
  const Milliseconds due = loop->now() + 30;
  test::ActingTimer timer([&] {
    EXPECT_GE(loop->now(), due);
    loop->stop();
  });
  loop->timers().arm(timer, due);
  int turns = 0;
  loop->run([&] { ++turns; });
  EXPECT_EQ(timer.fired, 1);
  EXPECT_LE(turns, 5) << "it waits instead of asking again and again";
}

TEST(EventLoop, RunsMessagesInTheOrderOfEveryThreadThatPosts) {
  constexpr int kThreads = 4, kMessages = 2000;
  const auto loop = open_loop();
  std::vector<int> last(kThreads, -1);  // touched on the loop's thread alone
  int total = 0;
  const auto post_all = [&](int thread) {
    for (int i = 0; i < kMessages; ++i) {
      loop->post([&, thread, i] {
        EXPECT_EQ(last[static_cast<std::size_t>(thread)], i - 1);
        last[static_cast<std::size_t>(thread)] = i;
        if (++total == kThreads * kMessages) loop->stop();
      });
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(post_all, i);
  loop->run([] {});
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(total, kThreads * kMessages);
}

TEST(EventLoop, IsWokenByAMessageWhileNothingElseKeepsItAwake) {
  const auto loop = open_loop();
  std::atomic<int> turns = 0;
  std::thread thread([&] { loop->run([&] { ++turns; }); });
  for (int i = 1; i <= 3; ++i) {
    loop->post([] {});
    while (turns < i) std::this_thread::yield();
  }
  loop->post([&] { loop->stop(); });
  thread.join();
}

TEST(EventLoop, RunsWhatAMessagePostsInTheNextTurn) {
  const auto loop = open_loop();
  int turn = 0, outer = -1, inner = -1;
  loop->post([&] {
    outer = turn;
    loop->post([&] { inner = turn; });
  });
  loop->run([&] {
    if (++turn == 2) loop->stop();
  });
  EXPECT_EQ(outer, 0);
  EXPECT_EQ(inner, 1);
}

TEST(EventLoop, DropsMessagesThatItNeverCameTo) {
  const auto alive = std::make_shared<int>(1);
  bool ran = false;
  {
    const auto loop = open_loop();
    loop->post([alive, &ran] { ran = true; });
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(alive.use_count(), 1);
}

TEST(EventLoop, HearsManyDescriptorsAtOnce) {
  constexpr std::size_t kMany = 600;  // more than one wait returns
  const auto loop = open_loop();
  std::vector<UniqueFd> fds;
  std::vector<std::unique_ptr<Source>> sources;
  std::size_t heard = 0;
  for (std::size_t i = 0; i < kMany; ++i) {
    fds.push_back(ready_fd());
    sources.push_back(std::make_unique<Source>([&, i](std::uint32_t) {
      ++heard;
      fds[i].reset();
    }));
    ASSERT_TRUE(loop->add(fds[i].borrow(), EPOLLIN, *sources[i]));
  }
  loop->run([&] {
    if (heard == kMany) loop->stop();
  });
  for (const auto& source : sources) EXPECT_EQ(source->heard, 1);
}

}  // namespace
}  // namespace amb
