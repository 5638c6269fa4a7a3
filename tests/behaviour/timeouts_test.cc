// SPDX-License-Identifier: Apache-2.0
//
// Silence alone ends nothing unless a limit was asked for; a half-closed session is watched, and every byte
// gives it its time again.
#include <gtest/gtest.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(Timeouts, AHalfClosedSessionInWhichNothingMovesIsReset) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .limits = {.half_close_timeout = 50}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  service.ends();
  consumer.expects_end();
  service.expects_reset();
  link.expect_failures({CloseReason::halfclose_timeout});
}

TEST(Timeouts, AnIdleTimeoutThatWasAskedForResetsBothSides) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .limits = {.idle_timeout = 50}});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  consumer.expects_reset();
  service.expects_reset();
  link.expect_failures({CloseReason::idle_timeout});
}

}  // namespace
}  // namespace amb::test
