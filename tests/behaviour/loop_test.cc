// SPDX-License-Identifier: Apache-2.0
//
// Ambassadors that are wired to each other turn one consumer into sessions without end. They find that out by
// what happens, end it, and leave links alone whose sessions are merely not answered.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

LinkSetup watching(std::vector<SocketAddress> endpoints, unsigned workers = 1) {
  return {.endpoints = std::move(endpoints),
          .workers = workers,
          .max_sessions = 2000,
          .has_names = true,
          .watches_loops = true};
}

void expect_to_come_down(RunningLink& here, RunningLink& there) {
  here.set_endpoints({there.address()});
  Peer consumer = Peer::connect_to(here.address());
  consumer.sends("round and round");
  consumer.expects_reset();
  here.expect_open_sessions(0);
  there.expect_open_sessions(0);
  EXPECT_GT(here.loops() + there.loops(), 0U);
  EXPECT_FALSE(here.session_limit() || there.session_limit()) << "it ended long before the limit";
  (void)here.failures();
  (void)there.failures();
}

TEST(Loop, OfTwoAmbassadorsIsFoundAndEnded) {
  RunningLink here(watching({}));
  RunningLink there(watching({here.address()}));
  expect_to_come_down(here, there);
}

TEST(Loop, IsFoundAcrossWorkers) {
  RunningLink here(watching({}, 2));
  RunningLink there(watching({here.address()}, 2));
  expect_to_come_down(here, there);
}

TEST(Loop, IsFoundThroughAnotherRelayThatKnowsNothing) {
  RunningLink here(watching({}, 2));
  RunningLink there(LinkSetup{.endpoints = {here.address()}, .max_sessions = 2000});
  expect_to_come_down(here, there);
}

TEST(Loop, IsEndedSoonerTheNextTime) {
  RunningLink here(watching({}));
  RunningLink there(LinkSetup{.endpoints = {here.address()}, .max_sessions = 2000});
  expect_to_come_down(here, there);
  const std::uint64_t opened = here.link_report().counts.opened;
  Peer consumer = Peer::connect_to(here.address());
  consumer.expects_reset();
  here.expect_open_sessions(0);
  there.expect_open_sessions(0);
  EXPECT_LT(here.link_report().counts.opened - opened, 20U);
  EXPECT_EQ(here.loops(), 1U) << "told once";
}

TEST(Loop, OverItselfIsFoundToo) {
  RunningLink link(watching({}));
  link.set_endpoints({link.address()});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_open_sessions(0);
  EXPECT_EQ(link.loops(), 1U);
  (void)link.failures();
}

/// One-way services answer nobody: syslog, Graphite. They see a few connections more, and keep all of theirs.
TEST(Loop, IsNotSeenWhereSessionsAreMerelyNotAnswered) {
  Provider provider;
  RunningLink link(watching({provider.address()}));
  std::vector<Peer> consumers;
  for (int i = 0; i < 150; ++i) {
    consumers.push_back(Peer::connect_to(link.address()));
    consumers.back().sends("line");
  }
  link.expect_connected(150);
  EXPECT_EQ(link.loops(), 0U);
  for (Peer& consumer : consumers) {
    consumer.has_nothing_to_read();
    consumer.resets();
  }
  link.expect_open_sessions(0);
  link.expect_failures(std::vector(150, CloseReason::client_reset));
}

/// Not even where each waits for the one before it to arrive: as a chain does, but nothing ends with the
/// trial.
TEST(Loop, IsNotSeenWhereConsumersComeOneByOne) {
  Provider provider;
  RunningLink link(watching({provider.address()}));
  std::vector<Peer> consumers, services;
  while (consumers.size() < 100) {
    consumers.push_back(Peer::connect_to(link.address()));
    services.push_back(provider.accepts());
  }
  link.expect_connected(100);
  EXPECT_EQ(link.loops(), 0U);
  for (Peer& consumer : consumers) consumer.resets();  // some of the services are the trial's
  link.expect_open_sessions(0);
  (void)link.failures();
}

}  // namespace
}  // namespace amb::test
