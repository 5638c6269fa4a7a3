// SPDX-License-Identifier: Apache-2.0
//
// A NameWatch whose resolver and clock are the test's.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "discovery/name_lookup.h"
#include "discovery/name_watch.h"
#include "unit/support/sockets.h"

namespace amb::test {

inline const std::vector<SocketAddress> kFive = {ip("10.0.0.5")}, kSix = {ip("10.0.0.6")}, kNone;

inline constexpr WatchSettings kSettings{.max_ttl = std::chrono::seconds(60),
                                         .empty_grace = std::chrono::seconds(30)};

inline NameAnswer found(std::vector<SocketAddress> addresses,
                        std::chrono::seconds ttl = std::chrono::seconds(60)) {
  return {NameAnswer::Kind::found, std::move(addresses), ttl, {}};
}
inline NameAnswer none() { return {.kind = NameAnswer::Kind::none, .error = "no such name"}; }
inline NameAnswer failed() { return {.kind = NameAnswer::Kind::failed, .error = "no server answered"}; }

/// A watch whose resolver and clock are the test's. The clock stands still while its timers run.
class WatchedName : public testing::Test {
 protected:
  struct Told {
    std::vector<SocketAddress> before;
    bool changed, began_to_fail;
    std::string error;
  };

  void start(WatchSettings settings = kSettings) {
    watch_ = std::make_unique<NameWatch>(
        io_, "redis", settings,
        [this](const LookUpRequest<SocketAddress>& request, OnAnswer<SocketAddress> reply) {
          EXPECT_EQ(request.name, "redis");
          EXPECT_EQ(request.known, addresses());
          urgency_ = request.urgency;
          EXPECT_FALSE(pending_) << "one question at a time";
          ++questions_;
          pending_ = std::move(reply);
        },
        [this](const NameWatch::News& news) {
          told_.push_back({news.before, news.has_changed, news.began_to_fail, news.error});
        },
        [this] { return now_; }, crowd_);
  }

  /// Answers the question that is under way, or asks one first.
  void answer(NameAnswer answer) {
    if (!pending_) watch_->outdate();
    auto reply = std::exchange(pending_, nullptr);
    ASSERT_TRUE(reply) << "nothing was asked";
    reply(std::move(answer));
  }
  void pass(std::chrono::milliseconds time) { now_ += time; }
  const std::vector<SocketAddress>& addresses() const { return watch_->records(); }

  /// Runs until the watch asks of itself, and says whether it did.
  bool asks_again() {
    const int before = questions_;
    while (questions_ == before && io_.run_one_for(kDeadline) > 0) {
    }
    return questions_ == before + 1;
  }

  boost::asio::io_context io_;
  std::chrono::steady_clock::time_point now_{std::chrono::seconds(1'000'000)};
  std::shared_ptr<WatchCrowd> crowd_ = std::make_shared<WatchCrowd>();
  int questions_ = 0;
  OnAnswer<SocketAddress> pending_;
  std::weak_ptr<const Urgency> urgency_;  ///< Of the last question.
  std::vector<Told> told_;
  std::unique_ptr<NameWatch> watch_;

  void SetUp() override { start(); }
};

}  // namespace amb::test
