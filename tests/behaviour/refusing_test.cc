// SPDX-License-Identifier: Apache-2.0
//
// A link that has nowhere to lead may refuse connections, so that a consumer's own retry works. The port
// stays ours meanwhile.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "net/listening.h"
#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

RouteUpdate refusing() { return {.link = 0, .endpoints = {}, .is_refusing = true}; }

/// 0, or why the kernel turns a consumer away.
int refusal(const SocketAddress& address) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return ::connect(fd.borrow(), address.raw(), address.raw_size()) == 0 ? 0 : errno;
}

TEST(Refusing, ConsumersAreRefusedWhileTheLinkHasNobodyAndServedWhenItHas) {
  Provider provider;
  RunningLink link(LinkSetup{.workers = 3, .listen = free_address(), .is_refusing = true});
  EXPECT_TRUE(eventually([&] { return refusal(link.address()) == ECONNREFUSED; }));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(refusal(link.address()), ECONNREFUSED);
    link.set_endpoints({provider.address()});
    EXPECT_TRUE(eventually([&] { return refusal(link.address()) == 0 && provider.has_visitor(); }));
    for (int i = 0; i < 20; ++i) {
      Peer consumer = Peer::connect_to(link.address());
      consumer.sends("x");
    }
    link.update(refusing());
    EXPECT_TRUE(eventually([&] {
      while (provider.has_visitor()) provider.accepts().closes();
      return link.open_sessions() == 0 && refusal(link.address()) == ECONNREFUSED;
    }));
  }
  (void)link.failures();  // one may have come in the moment between two updates, and met no endpoint
}

TEST(Refusing, SessionsThatAreUpGoOn) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {provider.address()}, .listen = free_address()});
  Peer consumer = Peer::connect_to(link.address());
  Peer service = provider.accepts();
  link.update(refusing());
  EXPECT_TRUE(eventually([&] {
    while (provider.has_visitor()) provider.accepts().closes();
    return refusal(link.address()) == ECONNREFUSED;
  }));
  while (link.open_sessions() > 1) {
    if (provider.has_visitor()) provider.accepts().closes();
  }
  consumer.sends("still here");
  service.expects("still here");
  (void)link.failures();  // who came in before the listener refused may have met no endpoint
}

TEST(Refusing, NobodyElseCanTakeThePort) {
  RunningLink link(LinkSetup{.workers = 2, .listen = free_address(), .is_refusing = true});
  EXPECT_EQ(refusal(link.address()), ECONNREFUSED);
  const auto other = bind_listener(link.address(), 1);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, EADDRINUSE);
}

TEST(Refusing, ADrainEndsItForGood) {
  Provider provider;
  RunningLink link(LinkSetup{.workers = 2, .listen = free_address(), .is_refusing = true});
  link.drain();
  EXPECT_TRUE(eventually([&] { return link.is_drained(); }));
  link.set_endpoints({provider.address()});
  for (int i = 0; i < 20; ++i) EXPECT_EQ(refusal(link.address()), ECONNREFUSED);
}

TEST(Refusing, AUnixSocketGoesOnAcceptingAndItsConsumersSeeTheEnd) {
  const std::string path = testing::TempDir() + "/refusing." + std::to_string(::getpid());
  RunningLink link(LinkSetup{.listen = SocketAddress::from_path(path), .is_refusing = true});
  Peer::connect_to(link.address()).expects_end();
  link.expect_failures({CloseReason::no_upstream});
}

}  // namespace
}  // namespace amb::test
