// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "unit/support/child.h"
#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;

TEST(TryAccept, WouldBlockWhileNobodyConnects) {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  EXPECT_EQ(try_accept(listener.sockets.front().borrow()).io.status, IoStatus::would_block);
}

TEST(TryAccept, TellsWhoConnected) {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  const Connected consumer = connect_to(listener.address);
  ASSERT_TRUE(is_ready(listener.sockets.front().borrow(), POLLIN));
  const AcceptResult accepted = try_accept(listener.sockets.front().borrow());
  EXPECT_EQ(accepted.io.status, IoStatus::done);
  EXPECT_EQ(accepted.peer, local_address(consumer.fd.borrow()));
}

TEST(TryAccept, GivesADescriptorThatNeitherBlocksNorSurvivesExec) {
  const TcpPair pair = connected_pair();
  EXPECT_TRUE(::fcntl(pair.far.borrow(), F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(pair.far.borrow(), F_GETFD) & FD_CLOEXEC);
}

TEST(TryAccept, GivesASocketThatHasInheritedItsListenersTuning) {
  const TcpPair pair = connected_pair();
  EXPECT_EQ(option(pair.far.borrow(), IPPROTO_TCP, TCP_NODELAY), 1);
  EXPECT_EQ(option(pair.far.borrow(), SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(pair.far.borrow(), IPPROTO_TCP, TCP_KEEPIDLE), 60);
  EXPECT_EQ(option(pair.far.borrow(), IPPROTO_TCP, TCP_KEEPINTVL), 10);
  EXPECT_EQ(option(pair.far.borrow(), IPPROTO_TCP, TCP_KEEPCNT), 6);
}

TEST(TryAccept, GivesAConnectionThatItsPeerHasResetAlready) {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  Connected consumer = connect_to(listener.address);
  reset_on_close(consumer.fd.borrow());
  consumer.fd.reset();
  ASSERT_TRUE(is_ready(listener.sockets.front().borrow(), POLLIN));
  const AcceptResult accepted = try_accept(listener.sockets.front().borrow());
  ASSERT_EQ(accepted.io.status, IoStatus::done) << "Linux hands it over with its error pending";
  std::string text;
  EXPECT_EQ(receive_next(accepted.fd.borrow(), text).error, ECONNRESET);
}

TEST(TryAccept, FailsWithEmfileWhenDescriptorsRunOutAndLeavesTheConnectionQueued) {
  in_child([] {
    const BoundListener listener = listen_on(ip("127.0.0.1"));
    const int fd = listener.sockets.front().borrow();
    const Connected consumer = connect_to(listener.address);
    ASSERT_TRUE(is_ready(fd, POLLIN));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(consumer.fd.borrow()) + 1, .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    std::vector<UniqueFd> holes;  // numbers below the limit that happen to be free
    for (int hole = ::dup(fd); hole >= 0; hole = ::dup(fd)) holes.emplace_back(hole);
    const AcceptResult refused = try_accept(fd);
    EXPECT_EQ(refused.io.status, IoStatus::failed);
    EXPECT_EQ(refused.io.error, EMFILE);
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(try_accept(fd).io.status, IoStatus::done);
  });
}

TEST(TryAccept, FailsOnWhatIsNoListener) {
  EXPECT_EQ(try_accept(-1).io.error, EBADF);
  const TcpPair pair = connected_pair();
  EXPECT_EQ(try_accept(pair.near.borrow()).io.error, EINVAL);
}

struct Failure {
  int error;
  AcceptFailure expected;
  const char* because;
};

void PrintTo(const Failure& failure, std::ostream* out) { *out << strerrorname_np(failure.error); }

class AcceptFailureOf : public testing::TestWithParam<Failure> {};

TEST_P(AcceptFailureOf, SaysWhetherToGoOnAtOnce) {
  EXPECT_EQ(accept_failure(GetParam().error), GetParam().expected) << GetParam().because;
}

constexpr auto kSkip = AcceptFailure::skip, kPause = AcceptFailure::out_of_resources;
INSTANTIATE_TEST_SUITE_P(
    Errors, AcceptFailureOf,
    testing::Values(Failure{ECONNABORTED, kSkip, "the peer went away while it waited"},
                    Failure{EPROTO, kSkip, "accept(2)"}, Failure{ENOPROTOOPT, kSkip, "accept(2)"},
                    Failure{ENETDOWN, kSkip, "accept(2)"}, Failure{ENETUNREACH, kSkip, "accept(2)"},
                    Failure{EHOSTDOWN, kSkip, "accept(2)"}, Failure{EHOSTUNREACH, kSkip, "accept(2)"},
                    Failure{ENONET, kSkip, "accept(2)"}, Failure{EOPNOTSUPP, kSkip, "accept(2)"},
                    Failure{ETIMEDOUT, kSkip, "that connection's"},
                    Failure{EMFILE, kPause, "we are out of descriptors"},
                    Failure{ENFILE, kPause, "the host is"},
                    Failure{ENOBUFS, kPause, "out of memory for sockets"},
                    Failure{ENOMEM, kPause, "out of memory"},
                    Failure{EPERM, kPause, "a filter refuses accept itself: the connection stays queued"},
                    Failure{EIO, kPause, "what nobody knows must not spin"}));

}  // namespace
}  // namespace amb
