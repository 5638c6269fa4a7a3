// SPDX-License-Identifier: Apache-2.0
//
// Endpoints are tried in order while no byte of the consumer has been handed over. When none answers, the
// consumer is reset: an end would look like an empty answer.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <vector>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

/// Listens, but its backlog is full: the kernel drops every further SYN.
class SilentProvider {
 public:
  SilentProvider() {
    const SocketAddress any = *SocketAddress::from_ip("127.0.0.1", 0);
    listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener_.borrow(), any.raw(), any.raw_size()), 0);
    EXPECT_EQ(::listen(listener_.borrow(), 0), 0);
    address_ = local_address_of(listener_.borrow());
    for (int i = 0; i < 3; ++i) {
      fillers_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      (void)::connect(fillers_.back().borrow(), address_.raw(), address_.raw_size());
    }
  }
  const SocketAddress& address() const { return address_; }

 private:
  static SocketAddress local_address_of(int fd) {
    sockaddr_storage local{};
    socklen_t size = sizeof local;
    (void)::getsockname(fd, reinterpret_cast<sockaddr*>(&local), &size);
    return SocketAddress::from_kernel(reinterpret_cast<sockaddr*>(&local), size);
  }
  UniqueFd listener_;
  std::vector<UniqueFd> fillers_;
  SocketAddress address_;
};

/// An address that nobody listens on.
SocketAddress closed_address() {
  Provider provider;
  return provider.address();
}

TEST(Failover, AnEndpointThatRefusesIsPassedOver) {
  Provider provider;
  RunningLink link(LinkSetup{.endpoints = {closed_address(), provider.address()}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("early bytes");
  Peer service = provider.accepts();
  service.expects("early bytes");
}

TEST(Failover, AnEndpointThatIsSilentIsPassedOverAndTheOtherGetsTheEarlyBytesOnce) {
  SilentProvider silent;
  Provider provider;
  RunningLink link(
      LinkSetup{.endpoints = {silent.address(), provider.address()}, .limits = {.connect_timeout = 100}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("early bytes");
  Peer service = provider.accepts();
  service.expects("early bytes");
  service.has_nothing_to_read();
}

TEST(Failover, WhenTheOnlyEndpointRefusesTheConsumerIsReset) {
  RunningLink link(closed_address());
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::connect_refused});
}

TEST(Failover, WhenTheOnlyEndpointIsSilentTheConsumerIsReset) {
  SilentProvider silent;
  RunningLink link(LinkSetup{.endpoints = {silent.address()}, .limits = {.connect_total = 100}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::connect_timeout});
}

TEST(Failover, WhenEveryEndpointFailsTheConsumerIsReset) {
  RunningLink link(LinkSetup{.endpoints = {closed_address(), closed_address()}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.expects_reset();
  link.expect_failures({CloseReason::no_upstream});
}

TEST(Failover, OnceAByteWasHandedOverNothingIsEverSentAgain) {
  Provider first;
  Provider second;
  RunningLink link(LinkSetup{.endpoints = {first.address(), second.address()}});
  Peer consumer = Peer::connect_to(link.address());
  consumer.sends("0123456789 and more");
  Peer service = first.accepts();
  service.expects("0123456789");
  service.resets();
  consumer.expects_reset();
  EXPECT_FALSE(second.has_visitor());
  link.expect_failures({CloseReason::upstream_reset});
}

}  // namespace
}  // namespace amb::test
