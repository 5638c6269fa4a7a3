// SPDX-License-Identifier: Apache-2.0
//
// Running out of descriptors makes consumers wait, or turns one away; it never ends the program, never spins
// and never leaks.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cerrno>
#include <vector>

#include "support/peer.h"
#include "support/running_link.h"

namespace amb::test {
namespace {

/// Lowers the limit so that only `spare` more descriptors can be had, for as long as it lives.
class ScarceDescriptors {
 public:
  explicit ScarceDescriptors(std::size_t spare) {
    (void)::getrlimit(RLIMIT_NOFILE, &before_);
    UniqueFd next(::dup(0));  // the lowest free number: all below it are taken
    const rlimit scarce{static_cast<rlim_t>(next.borrow()) + spare, before_.rlim_max};
    (void)::setrlimit(RLIMIT_NOFILE, &scarce);
  }
  ~ScarceDescriptors() { restore(); }
  void restore() { (void)::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

/// A TCP connection made without a new descriptor being needed while they are scarce.
UniqueFd reserve_socket() { return UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

/// False when the reset came so soon that connect(2) reported it.
bool connect_reserved(const UniqueFd& fd, const SocketAddress& to) {
  if (::connect(fd.borrow(), to.raw(), to.raw_size()) == 0) return true;
  EXPECT_EQ(errno, ECONNRESET);
  return false;
}

TEST(DescriptorExhaustion, AConsumerWaitsInTheBacklogUntilDescriptorsAreFree) {
  Provider provider;
  RunningLink link(provider.address());
  UniqueFd reserved = reserve_socket();
  ScarceDescriptors scarce(0);
  EXPECT_TRUE(connect_reserved(reserved, link.address()));
  EXPECT_TRUE(eventually([&] { return link.was_told_of_accept_failure(); }));
  EXPECT_EQ(link.open_sessions(), 0U);
  scarce.restore();
  EXPECT_GT(link.report_of_links().accept_failures, 0U);

  Peer consumer(std::move(reserved));
  consumer.sends("still here");
  Peer service = provider.accepts();
  service.expects("still here");
}

TEST(DescriptorExhaustion, AConsumerWhoseUpstreamSocketCannotBeMadeIsReset) {
  Provider provider;
  RunningLink link(provider.address());
  UniqueFd reserved = reserve_socket();
  ScarceDescriptors scarce(1);  // enough to accept, not enough to connect on
  if (connect_reserved(reserved, link.address())) Peer(std::move(reserved)).expects_reset();
  scarce.restore();
  link.expect_failures({CloseReason::limit});
}

}  // namespace
}  // namespace amb::test
