// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>

#include "app/version.h"
#include "base/unix_time.h"
#include "unit/app/at_the_control_desk.h"

namespace amb {
namespace {

using namespace test;

class DeskMetrics : public AtTheControlDesk {
 protected:
  Metrics measure() { return ask(desk_.metrics()); }
  static std::uint64_t count_of(const HistogramStatus& histogram) {
    EXPECT_EQ(histogram.counts.size(), histogram.bounds_ms.size() + 1);
    return std::reduce(histogram.counts.begin(), histogram.counts.end());
  }
};

TEST_F(DeskMetrics, AddUpWhatTheWorkersSayOfALink) {
  constexpr std::size_t kSessions = 8;  // enough for both workers
  std::vector<TcpPair> open;
  for (std::size_t i = 0; i < kSessions; ++i) open.push_back(living_.opens_session(a_, first_));
  open.pop_back();
  EXPECT_TRUE(
      living_.supervisor().run_until([&] { return living_.supervisor()->open_sessions() == kSessions - 1; }));
  const Metrics metrics = measure();
  ASSERT_EQ(metrics.links.size(), 2U);
  ASSERT_EQ(metrics.status.links.size(), 2U);
  EXPECT_EQ(metrics.status.links[0].opened, kSessions);
  EXPECT_EQ(count_of(metrics.links[0].connect), kSessions);
  EXPECT_EQ(count_of(metrics.links[0].first_byte), kSessions) << "each was told hello";
  EXPECT_EQ(count_of(metrics.links[0].life), 1U);
  EXPECT_EQ(metrics.links[0].downstream.sessions, kSessions - 1);
  EXPECT_EQ(metrics.links[0].upstream.sessions, kSessions - 1);
  EXPECT_GT(metrics.links[0].upstream.rtt_us, 0U);
  EXPECT_EQ(count_of(metrics.links[1].connect), 0U);
  ASSERT_EQ(metrics.workers.size(), 2U);
  EXPECT_EQ(metrics.workers[0].sessions + metrics.workers[1].sessions, kSessions - 1);
}

TEST_F(DeskMetrics, SayHowTheProgramIs) {
  living_.supervisor().log().info("note", {{"text", "one"}});
  living_.supervisor().log().info("note", {{"text", "two"}});
  const Metrics metrics = measure();
  EXPECT_EQ(metrics.status.version, kVersion);
  EXPECT_EQ(metrics.events.at("note"), 2U);
  EXPECT_EQ(metrics.log_lines_dropped, 0U);
  // Not time(2), whose clock is a few milliseconds behind and may still be in the second before.
  const auto now_s = static_cast<std::uint64_t>(unix_time_ms() / 1000);
  EXPECT_LE(metrics.process.start_s, now_s);
  EXPECT_GT(metrics.process.start_s + 3600, now_s);
  EXPECT_GT(metrics.process.open_descriptors, 0U);
  EXPECT_TRUE(metrics.names.empty()) << "the targets are addresses";
}

TEST_F(DeskMetrics, KnowALinkThatIsGoneNoMore) {
  const auto changed = living_.reload(link_text("b", b_, second_.address()));
  ASSERT_TRUE(changed);
  const Metrics metrics = measure();
  ASSERT_EQ(metrics.links.size(), 1U);
  EXPECT_EQ(metrics.status.links.at(0).name, "b");
}

TEST_F(DeskMetrics, TellOfEachProtocolHowLongAnswersTake) {
  EXPECT_TRUE(measure().protocols.empty());
  const TcpPair session = living_.opens_session(a_, first_), other = living_.opens_session(b_, second_);
  const Metrics metrics = measure();
  ASSERT_EQ(metrics.protocols.size(), 1U) << "hello is no protocol that it knows";
  EXPECT_EQ(metrics.protocols[0].protocol, "other");
  EXPECT_EQ(count_of(metrics.protocols[0].answer), 2U);
}

}  // namespace
}  // namespace amb
