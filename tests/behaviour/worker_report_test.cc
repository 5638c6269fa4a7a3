// SPDX-License-Identifier: Apache-2.0
//
// What a worker says of its links and sessions when it is asked.
#include <gtest/gtest.h>

#include <numeric>

#include "support/peer.h"
#include "support/running_link.h"
#include "support/silent_provider.h"

namespace amb::test {
namespace {

std::uint64_t closed(const LinkReport& report, CloseReason reason) {
  return report.counts.closed[static_cast<std::size_t>(reason)];
}

std::uint64_t bytes(const LinkReport& report, Direction direction) {
  return report.counts.bytes[index(direction)];
}

template <class Histogram>
std::uint64_t count_of(const Histogram& histogram) {
  return std::reduce(histogram.counts.begin(), histogram.counts.end());
}

/// The only session, once `is_so` holds of it.
template <class IsSo>
SessionReport the_session(RunningLink& link, IsSo is_so) {
  SessionReport found;
  EXPECT_TRUE(eventually([&] {
    const WorkerReport report = link.report();
    if (report.sessions.size() != 1) return false;
    found = report.sessions.front();
    return is_so(found);
  }));
  return found;
}

TEST(WorkerReport, CountsTheSessionsOfALinkAndHowTheyEnded) {
  Provider provider;
  RunningLink link(provider.address());
  Peer first = Peer::connect_to(link.address());
  Peer first_service = provider.accepts();
  Peer second = Peer::connect_to(link.address());
  Peer second_service = provider.accepts();
  first.closes();
  first_service.closes();
  link.expect_open_sessions(1);
  second.resets();
  link.expect_failures({CloseReason::client_reset});
  Peer third = Peer::connect_to(link.address());
  Peer third_service = provider.accepts();
  const LinkReport report = link.link_report();
  EXPECT_EQ(report.open, 1U);
  EXPECT_EQ(report.counts.opened, 3U);
  EXPECT_EQ(closed(report, CloseReason::eof), 1U);
  EXPECT_EQ(closed(report, CloseReason::client_reset), 1U);
  EXPECT_EQ(closed(report, CloseReason::removed), 0U);
}

TEST(WorkerReport, CountsTheBytesOfSessionsThatAreOpenAndOfThoseThatWere) {
  Provider provider;
  RunningLink link(provider.address());
  for (std::uint64_t round = 1; round <= 2; ++round) {
    Peer consumer = Peer::connect_to(link.address());
    Peer service = provider.accepts();
    consumer.sends("four");
    service.expects("four");
    service.sends("seventeen letters");
    consumer.expects("seventeen letters");
    EXPECT_EQ(bytes(link.link_report(), Direction::to_upstream), 4 * round);
    EXPECT_EQ(bytes(link.link_report(), Direction::to_downstream), 17 * round);
    consumer.closes();
    service.closes();
    link.expect_open_sessions(0);
    EXPECT_EQ(bytes(link.link_report(), Direction::to_upstream), 4 * round);
  }
}

TEST(WorkerReport, CountsHowLongConnectingTheFirstByteAndSessionsTook) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  consumer.sends("question");
  service.expects("question");
  EXPECT_EQ(count_of(link.link_report().counts.connect), 1U);
  EXPECT_EQ(count_of(link.link_report().counts.first_byte), 0U)
      << "it is the service's first byte that counts";
  for (int i = 0; i < 2; ++i) {
    service.sends("answer");
    consumer.expects("answer");
  }
  EXPECT_EQ(count_of(link.link_report().counts.first_byte), 1U) << "and the first one alone";
  EXPECT_EQ(count_of(link.link_report().counts.life), 0U);
  consumer.closes();
  service.closes();
  link.expect_open_sessions(0);
  const LinkCounts counts = link.link_report().counts;
  EXPECT_EQ(count_of(counts.life), 1U);
  EXPECT_LE(counts.connect.sum_ms, counts.first_byte.sum_ms);
  EXPECT_LE(counts.first_byte.sum_ms, counts.life.sum_ms);
}

TEST(WorkerReport, CountsNoConnectTimeOfASessionThatNeverHadAnUpstream) {
  RunningLink link(free_address());
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::connect_refused});
  const LinkCounts counts = link.link_report().counts;
  EXPECT_EQ(count_of(counts.connect), 0U);
  EXPECT_EQ(count_of(counts.first_byte), 0U);
  EXPECT_EQ(count_of(counts.life), 1U);
}

TEST(WorkerReport, LooksAtBothPathsOfSessionsIfItIsAskedTo) {
  Provider provider;
  RunningLink link(provider.address());
  std::vector<Peer> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(Peer::connect_to(link.address()));
    peers.push_back(provider.accepts());
  }
  link.expect_connected(3);
  const WorkerReport report = link.report_of_paths();
  ASSERT_EQ(report.links.size(), 1U);
  EXPECT_TRUE(report.sessions.empty());
  for (const PathReport& path : report.links[0].paths) {
    EXPECT_EQ(path.sessions, 3U);
    EXPECT_GT(path.rtt_us, 0U);
    EXPECT_EQ(path.retransmitted, 0U);
  }
  const LinkReport unasked = link.link_report();
  for (const PathReport& path : unasked.paths) EXPECT_EQ(path.sessions, 0U);
}

TEST(WorkerReport, LooksAtNoPathOfASessionThatIsStillConnecting) {
  SilentProvider silent;
  RunningLink link(LinkSetup{.endpoints = {silent.address()},
                             .limits = {.connect_timeout = 600'000, .connect_total = 600'000}});
  Peer consumer = Peer::connect_to(link.address());
  link.expect_open_sessions(1);
  const WorkerReport report = link.report_of_paths();
  for (const PathReport& path : report.links.at(0).paths) EXPECT_EQ(path.sessions, 0U);
  consumer.resets();
  link.expect_failures({CloseReason::client_reset});
}

TEST(WorkerReport, SaysHowManySessionsAreOpenAndWhatItsThreadHasUsed) {
  Provider provider;
  RunningLink link(provider.address());
  const std::uint64_t cpu_before = link.report_of_links().cpu_us;
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  const WorkerReport report = link.report_of_links();
  EXPECT_EQ(report.open, 1U);
  EXPECT_GT(report.cpu_us, cpu_before);
  EXPECT_EQ(report.accept_failures, 0U);
  EXPECT_EQ(report.limit_pauses, 0U);
}

TEST(WorkerReport, SaysWhereTheSessionsAre) {
  Provider first, second;
  RunningLink link(LinkSetup{.endpoints = {first.address(), second.address()},
                             .spreading = {.policy = Policy::round_robin}});
  std::vector<Peer> consumers;
  for (int i = 0; i < 4; ++i) consumers.push_back(Peer::connect_to(link.address()));
  link.expect_connected(4);
  const LinkReport report = link.link_report();
  ASSERT_EQ(report.endpoints.size(), 2U);
  EXPECT_EQ(report.endpoints[0].address, first.address());
  EXPECT_EQ(report.endpoints[0].sessions, 2U);
  EXPECT_EQ(report.endpoints[1].sessions, 2U);
  consumers.clear();
  for (Provider* provider : {&first, &second}) {
    for (int i = 0; i < 2; ++i) provider->accepts().closes();
  }
}

TEST(WorkerReport, SaysWhichEndpointIsEjected) {
  Provider second;
  RunningLink link(LinkSetup{.endpoints = {free_address(), second.address()},
                             .spreading = {.eject_after = 1, .eject_for = 600'000}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = second.accepts();
  const LinkReport report = link.link_report();
  ASSERT_EQ(report.endpoints.size(), 2U);
  EXPECT_TRUE(report.endpoints[0].is_ejected);
  EXPECT_FALSE(report.endpoints[1].is_ejected);
}

TEST(WorkerReport, NamesBothEndsOfASession) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  const SessionReport session =
      the_session(link, [](const SessionReport& one) { return one.phase == Phase::relaying; });
  EXPECT_EQ(session.number, 1U);
  EXPECT_EQ(session.downstream.to_string(), consumer.local().to_string());
  EXPECT_EQ(session.upstream.to_string(), provider.address().to_string());
  EXPECT_FALSE(session.is_half_closed);
  EXPECT_GE(session.age, session.quiet);
}

TEST(WorkerReport, SaysThatASessionIsStillConnecting) {
  SilentProvider silent;
  RunningLink link(LinkSetup{.endpoints = {silent.address()},
                             .limits = {.connect_timeout = 600'000, .connect_total = 600'000}});
  Peer consumer = Peer::connect_to(link.address());
  const SessionReport session =
      the_session(link, [](const SessionReport& one) { return one.phase == Phase::connecting; });
  EXPECT_EQ(session.upstream.to_string(), silent.address().to_string());
  consumer.resets();
  link.expect_failures({CloseReason::client_reset});
}

TEST(WorkerReport, SaysThatASessionIsHalfClosed) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  consumer.ends();
  service.expects_end();
  (void)the_session(link, [](const SessionReport& one) { return one.is_half_closed; });
}

TEST(WorkerReport, LeavesTheSessionsOutUnlessTheyAreAskedFor) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  EXPECT_TRUE(link.report_of_links().sessions.empty());
  EXPECT_EQ(link.report().sessions.size(), 1U);
}

}  // namespace
}  // namespace amb::test
