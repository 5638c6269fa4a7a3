// SPDX-License-Identifier: Apache-2.0
#include "net/listening.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "unit/support/network_namespace.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;

/// Why `address` cannot be had; 0 when it can.
int refusal(const SocketAddress& address, unsigned workers = 1) {
  const auto bound = bind_listener(address, workers);
  return bound ? 0 : bound.error().code;
}

bool has_ipv6() { return refusal(ip("::1")) == 0; }

TEST(BindListener, ChoosesAFreePortAndSaysWhich) {
  const auto bound = bind_listener(ip("127.0.0.1"), 1);
  ASSERT_TRUE(bound);
  EXPECT_NE(bound->address.port(), 0);
  EXPECT_EQ(bound->address, local_address(bound->sockets.front().borrow()));
}

TEST(BindListener, MakesOneSocketForEachWorkerAndTheKernelUsesAll) {
  const auto bound = bind_listener(ip("127.0.0.1"), 3);
  ASSERT_TRUE(bound);
  ASSERT_EQ(bound->sockets.size(), 3U);
  ASSERT_TRUE(start_listening(*bound));
  std::vector<int> accepted(3);
  std::vector<UniqueFd> open;
  // Which socket a connection goes to depends on its port, so a few hundred reach every one.
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(connect_to(bound->address).error, 0);
    for (std::size_t worker = 0; worker < 3; ++worker) {
      if (try_accept(bound->sockets[worker].borrow()).io.status == IoStatus::done) ++accepted[worker];
    }
  }
  for (const int count : accepted) EXPECT_GT(count, 0);
}

TEST(BindListener, DoesNotAcceptBeforeItIsToldToListen) {
  const auto bound = bind_listener(ip("127.0.0.1"), 2);
  ASSERT_TRUE(bound);
  EXPECT_EQ(connect_to(bound->address).error, ECONNREFUSED);
  ASSERT_TRUE(start_listening(*bound));
  EXPECT_EQ(connect_to(bound->address).error, 0);
}

TEST(BindListener, AnswersInBothFamiliesOnTheUnspecifiedAddress) {
  if (!has_ipv6()) GTEST_SKIP() << "this kernel has no IPv6";
  const BoundListener listener = listen_on(ip("::"));
  const std::uint16_t port = listener.address.port();
  EXPECT_EQ(listener.address.to_string(), "[::]:" + std::to_string(port));
  for (const char* host : {"127.0.0.1", "::1"}) EXPECT_EQ(connect_to(ip(host, port)).error, 0) << host;
}

TEST(BindListener, AnswersInOneFamilyOnASpecificAddress) {
  if (!has_ipv6()) GTEST_SKIP() << "this kernel has no IPv6";
  const BoundListener listener = listen_on(ip("::1"));
  EXPECT_EQ(connect_to(ip("127.0.0.1", listener.address.port())).error, ECONNREFUSED);
}

TEST(BindListener, AnswersOnIpv4WhereIpv6IsSwitchedOff) {
  in_network_namespace([] {
    std::FILE* knob = std::fopen("/proc/sys/net/ipv6/conf/all/disable_ipv6", "w");
    if (knob != nullptr) {
      EXPECT_GE(std::fputs("1\n", knob), 0);
      EXPECT_EQ(std::fclose(knob), 0);
    }
    const BoundListener listener = listen_on(ip("::"));
    EXPECT_EQ(connect_to(ip("127.0.0.1", listener.address.port())).error, 0);
    EXPECT_EQ(refusal(ip("::1")), EADDRNOTAVAIL) << "a specific IPv6 address is not silently another";
  });
}

TEST(BindListener, RefusesAnAddressThatAnotherListenerHas) {
  const BoundListener first = listen_on(ip("127.0.0.1"));
  EXPECT_EQ(refusal(first.address), EADDRINUSE);
  EXPECT_EQ(refusal(first.address, 4), EADDRINUSE);
  EXPECT_EQ(refusal(ip("0.0.0.0", first.address.port())), EADDRINUSE) << "the wildcard would take it over";
}

TEST(BindListener, RefusesAnAddressThatAnAmbassadorOfTheSameUserHas) {
  const auto first = bind_listener(ip("127.0.0.1"), 3);  // its sockets share the port with SO_REUSEPORT
  ASSERT_TRUE(first);
  ASSERT_TRUE(start_listening(*first));
  EXPECT_EQ(refusal(first->address, 3), EADDRINUSE);
}

TEST(BindListener, LetsOnlyOneOfTwoThatStartTogetherListen) {
  const auto first = bind_listener(ip("127.0.0.1"), 2);
  ASSERT_TRUE(first);
  const auto second = bind_listener(first->address, 2);
  ASSERT_TRUE(start_listening(*first));
  if (!second) return;
  const auto started = start_listening(*second);
  ASSERT_FALSE(started) << "both would listen, and consumers reach one of two at random";
  EXPECT_EQ(started.error().code, EADDRINUSE);
}

TEST(BindListener, BindsBesideOneOfOursThatIsInTheWayIfWeSaySo) {
  const auto ours = bind_listener(ip("127.0.0.1"), 2);
  ASSERT_TRUE(ours && start_listening(*ours));
  const SocketAddress all = ip("0.0.0.0", ours->address.port());
  EXPECT_EQ(refusal(all), EADDRINUSE);
  const auto wider = bind_listener(all, 2, PortClaim::shared);
  ASSERT_TRUE(wider) << wider.error().message();
  ASSERT_TRUE(start_listening(*wider));
  EXPECT_EQ(connect_to(ours->address).error, 0) << "the closer one goes on";
  EXPECT_EQ(connect_to(ip("127.0.0.2", all.port())).error, 0);
  EXPECT_EQ(refusal(all), EADDRINUSE) << "nobody else gets in";
}

TEST(BindListener, GoesBackFromAllAddressesToOne) {
  const auto ours = bind_listener(ip("0.0.0.0"), 2);
  ASSERT_TRUE(ours && start_listening(*ours));
  const SocketAddress one = ip("127.0.0.1", ours->address.port());
  EXPECT_EQ(refusal(one), EADDRINUSE);
  const auto closer = bind_listener(one, 2, PortClaim::shared);
  ASSERT_TRUE(closer) << closer.error().message();
  ASSERT_TRUE(start_listening(*closer));
  const Connected consumer = connect_to(one);
  EXPECT_EQ(consumer.error, 0);
  EXPECT_TRUE(eventually([&] {
    return std::ranges::any_of(closer->sockets, [](const UniqueFd& fd) {
      return try_accept(fd.borrow()).io.status == IoStatus::done;
    });
  }));
}

TEST(BindListener, SharesNoPortWithAProgramThatDoesNotShareIt) {
  UniqueFd theirs(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress any = ip("127.0.0.1");
  ASSERT_EQ(::bind(theirs.borrow(), any.raw(), any.raw_size()), 0);
  ASSERT_EQ(::listen(theirs.borrow(), 1), 0);
  const SocketAddress taken = local_address(theirs.borrow());
  for (const SocketAddress& wanted : {taken, ip("0.0.0.0", taken.port())}) {
    const auto bound = bind_listener(wanted, 2, PortClaim::shared);
    ASSERT_FALSE(bound) << wanted.to_string();
    EXPECT_EQ(bound.error().code, EADDRINUSE);
  }
}

TEST(BindListener, RefusesAnAddressThatIsNotOfThisHost) {
  EXPECT_EQ(refusal(ip("192.0.2.1")), EADDRNOTAVAIL);
  EXPECT_EQ(refusal(ip("2001:db8::1")), EADDRNOTAVAIL);
}

TEST(BindListener, NamesTheAddressInItsError) {
  const BoundListener first = listen_on(ip("127.0.0.1"));
  const auto second = bind_listener(first.address, 1);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(),
            "cannot listen on " + first.address.to_string() + ": Address already in use");
}

TEST(BindListener, TakesAPortWhoseConnectionsAreInTimeWait) {
  SocketAddress address;
  {
    const BoundListener first = listen_on(ip("127.0.0.1"));
    address = first.address;
    const Connected consumer = connect_to(address);
    accept_from(first.sockets.front().borrow()).reset();  // our side ends first and so waits
    EXPECT_EQ(receive_text(consumer.fd.borrow()), "");
  }
  EXPECT_EQ(refusal(address), 0);
}

TEST(BindListener, GivesDescriptorsThatNeitherBlockNorSurviveExec) {
  const auto bound = bind_listener(ip("127.0.0.1"), 2);
  ASSERT_TRUE(bound);
  for (const UniqueFd& fd : bound->sockets) {
    EXPECT_TRUE(::fcntl(fd.borrow(), F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(::fcntl(fd.borrow(), F_GETFD) & FD_CLOEXEC);
  }
}

TEST(StopListening, RefusesConnectionsAndKeepsTheAddressUntilItListensAgain) {
  const SocketAddress free = listen_on(ip("127.0.0.1")).address;
  const BoundListener listener = listen_on(free);
  const int fd = listener.sockets.front().borrow();
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(stop_listening(fd));
    EXPECT_EQ(connect_to(listener.address).error, ECONNREFUSED);
    EXPECT_EQ(refusal(listener.address), EADDRINUSE);
    ASSERT_TRUE(listen_again(fd));
    EXPECT_EQ(connect_to(listener.address).error, 0);
  }
}

TEST(StopListening, LeavesAUnixSocketAlone) {
  const auto bound = bind_listener(*SocketAddress::from_path("@stop_listening_test"), 1);
  ASSERT_TRUE(bound && start_listening(*bound));
  EXPECT_FALSE(stop_listening(bound->sockets.front().borrow()));
  EXPECT_EQ(try_connect(bound->address).io.status, IoStatus::done);
}

}  // namespace
}  // namespace amb
