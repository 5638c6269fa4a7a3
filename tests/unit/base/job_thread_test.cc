// SPDX-License-Identifier: Apache-2.0
#include "base/job_thread.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <future>
#include <memory>
#include <string>
#include <thread>

namespace amb {
namespace {

TEST(JobThread, DoesJobsInTheOrderOfTheirComing) {
  JobThread thread;
  const auto order = std::make_shared<std::string>();
  std::promise<void> done;
  for (const char letter : {'a', 'b', 'c'}) thread.post([order, letter] { *order += letter; });
  thread.post([&] { done.set_value(); });
  done.get_future().wait();
  EXPECT_EQ(*order, "abc");
}

TEST(JobThread, WorksOnAThreadThatNoSignalReaches) {
  JobThread thread;
  std::promise<std::pair<std::thread::id, bool>> seen;
  thread.post([&] {
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    seen.set_value({std::this_thread::get_id(), sigismember(&mask, SIGTERM) == 1});
  });
  const auto [id, is_blocked] = seen.get_future().get();
  EXPECT_NE(id, std::this_thread::get_id());
  EXPECT_TRUE(is_blocked);
}

TEST(JobThread, EndsWhileAJobNeverDoes) {
  const auto never = std::make_shared<std::promise<void>>();
  const auto begun = std::make_shared<std::promise<void>>();
  const auto later = std::make_shared<int>(0);
  {
    JobThread thread;
    thread.post([never, begun] {
      begun->set_value();
      never->get_future().wait();
    });
    thread.post([later] { ++*later; });
    begun->get_future().wait();
  }
  EXPECT_EQ(later.use_count(), 1);  // what had not begun was dropped
  EXPECT_EQ(*later, 0);
  never->set_value();
}

}  // namespace
}  // namespace amb
