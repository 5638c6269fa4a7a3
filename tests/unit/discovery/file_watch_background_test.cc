// SPDX-License-Identifier: Apache-2.0
//
// A disk that does not answer keeps the background busy, and nobody else.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <future>

#include "unit/discovery/watching.h"

namespace amb {
namespace {

namespace asio = boost::asio;
using test::TemporaryFolder;
using test::Watching;

class FileWatchBackground : public testing::Test {
 protected:
  FileWatchBackground() {
    folder_.write("hosts", "old");
    watching_.emplace(folder_, std::vector<std::string>{"hosts"}, Watching::In::background);
  }

  /// As if a read did not come back, until the promise is kept.
  std::promise<void> keep_the_background_busy() {
    std::promise<void> end;
    auto wait = [done = std::make_shared<std::future<void>>(end.get_future())](const Cancelled&) {
      done->wait();
      return true;
    };
    const auto work = [](Background& background, auto job) -> asio::awaitable<void> {
      (void)co_await background.run(std::move(job));
    };
    asio::co_spawn(watching_->io(), work(*watching_->background(), std::move(wait)), pass_on);
    watching_->io().poll();
    return end;
  }

  TemporaryFolder folder_;
  std::optional<Watching> watching_;
};

TEST_F(FileWatchBackground, TellsOfChangesAndFollowsWhatComesInTheirPlace) {
  folder_.write("hosts", "new");
  EXPECT_TRUE(watching_->tells_a_change());
  folder_.write("next", "newer");
  folder_.rename("next", "hosts");
  EXPECT_TRUE(watching_->tells_a_change());
  folder_.write("hosts", "newest");
  EXPECT_TRUE(watching_->tells_a_change());
}

TEST_F(FileWatchBackground, TellsOfAChangeOnceThePathCanBeFollowedAndNobodyWaitsUntilThen) {
  std::promise<void> answer = keep_the_background_busy();
  folder_.write("hosts", "new");
  bool is_later = false;
  asio::steady_timer later(watching_->io(), 5 * FileWatch::kBurst);
  later.async_wait([&](const boost::system::error_code&) { is_later = true; });
  while (!is_later) watching_->io().run_one_for(test::kDeadline);
  EXPECT_EQ(watching_->told_so_far(), std::vector<std::string>{});
  answer.set_value();
  EXPECT_TRUE(watching_->tells_a_change());
}

TEST_F(FileWatchBackground, TellsOfWhatChangesWhileThePathIsFollowed) {
  std::promise<void> answer = keep_the_background_busy();
  watching_->look_again();
  watching_->io().poll();
  folder_.write("next", "new");
  folder_.rename("next", "hosts");
  watching_->look_again();
  answer.set_value();
  EXPECT_TRUE(watching_->tells_a_change());
}

TEST_F(FileWatchBackground, EndsWhileThePathIsFollowed) {
  std::promise<void> answer = keep_the_background_busy();
  watching_->look_again();
  watching_->io().poll();
  watching_->end();
  answer.set_value();
  watching_->io().run_for(test::kDeadline);
  EXPECT_EQ(watching_->told_so_far(), std::vector<std::string>{});
}

}  // namespace
}  // namespace amb
