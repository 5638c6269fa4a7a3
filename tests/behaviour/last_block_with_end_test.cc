// SPDX-License-Identifier: Apache-2.0
//
// The last data and the FIN mostly arrive in one segment. Both must be seen, every time.
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

TEST(LastBlockWithEnd, ThousandsOfOneSegmentConnectionsAreAllExact) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .workers = 2});
  for (int i = 0; i < 2000; ++i) {
    Peer consumer = Peer::connect_to(link.address());
    const int cork = 1;
    (void)::setsockopt(consumer.fd(), IPPROTO_TCP, TCP_CORK, &cork, sizeof cork);
    consumer.sends("the last block");
    consumer.ends();
    Peer service = provider.accepts();
    service.expects("the last block");
    service.expects_end();
    service.sends("and its answer");
    service.closes();
    consumer.expects("and its answer");
    consumer.expects_end();
    if (testing::Test::HasFailure()) FAIL() << "connection " << i;
  }
}

}  // namespace
}  // namespace amb::test
