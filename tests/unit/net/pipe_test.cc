// SPDX-License-Identifier: Apache-2.0
#include "net/pipe.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>

namespace amb {
namespace {

class PipeTest : public testing::Test {
 protected:
  PipeTest() {
    (void)::signal(SIGPIPE, SIG_IGN);  // as the program does: splice(2) knows no MSG_NOSIGNAL
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    near_ = UniqueFd(fds[0]);
    far_ = UniqueFd(fds[1]);
  }
  UniqueFd near_, far_;
};

TEST_F(PipeTest, BytesPassThroughAndAreCounted) {
  auto pipe = open_pipe(64 * 1024);
  ASSERT_TRUE(pipe);
  ASSERT_EQ(::send(far_.borrow(), "hello", 5, 0), 5);
  const IoResult in = splice_in(near_.borrow(), *pipe);
  EXPECT_EQ(in.status, IoStatus::done);
  EXPECT_EQ(in.count, 5U);
  EXPECT_EQ(pipe->held_bytes, 5U);
  const IoResult out = splice_out(*pipe, near_.borrow());
  EXPECT_EQ(out.count, 5U);
  EXPECT_EQ(pipe->held_bytes, 0U);
  std::array<char, 5> got{};
  EXPECT_EQ(::recv(far_.borrow(), got.data(), got.size(), 0), 5);
  EXPECT_EQ(std::string(got.data(), got.size()), "hello");
}

TEST_F(PipeTest, AnEmptySocketWouldBlock) {
  auto pipe = open_pipe(64 * 1024);
  EXPECT_EQ(splice_in(near_.borrow(), *pipe).status, IoStatus::would_block);
}

TEST_F(PipeTest, AnEndedSocketIsAtItsEnd) {
  auto pipe = open_pipe(64 * 1024);
  far_.reset();
  EXPECT_EQ(splice_in(near_.borrow(), *pipe).status, IoStatus::end);
}

TEST_F(PipeTest, ASinkThatIsGoneFails) {
  auto pipe = open_pipe(64 * 1024);
  ASSERT_EQ(::send(far_.borrow(), "hello", 5, 0), 5);
  (void)splice_in(near_.borrow(), *pipe);
  far_.reset();
  const IoResult out = splice_out(*pipe, near_.borrow());
  EXPECT_EQ(out.status, IoStatus::failed);
  EXPECT_FALSE(is_splice_refused(out.error));
}

TEST_F(PipeTest, TheWishedSizeIsGrantedWithinTheUsersLimit) {
  const auto pipe = open_pipe(1024 * 1024);
  ASSERT_TRUE(pipe);
  EXPECT_GE(pipe->capacity_bytes, 64U * 1024);
}

TEST(OpenPipe, ThereIsNoneWithoutDescriptors) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const UniqueFd next(::dup(0));
  const rlimit scarce{static_cast<rlim_t>(next.borrow()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &scarce), 0);
  EXPECT_FALSE(open_pipe(64 * 1024));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(SpliceRefused, OnlyErrorsOfTheCallAndNotOfThePeer) {
  for (const int error : {EINVAL, ENOSYS, EPERM}) EXPECT_TRUE(is_splice_refused(error)) << error;
  for (const int error : {ECONNRESET, EPIPE, ETIMEDOUT}) EXPECT_FALSE(is_splice_refused(error)) << error;
}

TEST(SpliceAllowed, OnThisKernel) { EXPECT_TRUE(is_splice_allowed()); }

}  // namespace
}  // namespace amb
