// SPDX-License-Identifier: Apache-2.0
//
// Memory that cannot be had costs the session that asked for it, which is reset, and accepting pauses. All
// others go on, and afterwards everything is as before.
#include <gtest/gtest.h>

#include "faults/injection.h"
#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

class OutOfMemory : public testing::Test {
 protected:
  ~OutOfMemory() override { find_memory(); }
};

TEST_F(OutOfMemory, ResetsWhoComesAndPausesUntilThereIsSome) {
  Provider provider;
  RunningLink link(provider.address());
  run_out_of_memory();
  Peer unlucky = Peer::connect_to(link.address());
  unlucky.expects_reset();
  EXPECT_TRUE(eventually([&] { return link.was_told_of_accept_failure(); }));
  EXPECT_FALSE(provider.has_visitor());
  find_memory();
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  service.sends("now there is");
  service.closes();
  consumer.expects("now there is");
  consumer.expects_end();
}

TEST_F(OutOfMemory, ResetsASessionWhoseBytesCannotBeKeptAndNoOther) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .pipes = 0});
  Peer slow = Peer::connect_to(link.address());
  Peer pushing = provider.accepts();
  Peer other = Peer::connect_to(link.address());
  Peer other_service = provider.accepts();
  run_out_of_memory();
  (void)pushing.sends_until_full(1);
  EXPECT_TRUE(slow.reads_rest(1).was_reset);
  pushing.expects_reset();
  other.sends("still here?");
  other_service.expects("still here?");
  other_service.closes();
  other.expects_end();
  link.expect_failures({CloseReason::limit});
}

/// A ClientHello in pieces is kept in memory, until it is whole.
TEST_F(OutOfMemory, CostsAGlimpseAndNotTheSession) {
  Provider provider;
  RunningLink link(provider.address());
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  run_out_of_memory();
  using std::string_literals::operator""s;
  const std::string beginning = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 and more of it"s;
  consumer.sends(beginning);
  service.expects(beginning);
  consumer.closes();
  service.expects_end();
  service.closes();
}

}  // namespace
}  // namespace amb::test
