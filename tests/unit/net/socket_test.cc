// SPDX-License-Identifier: Apache-2.0
#include "net/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>

#include "unit/support/sockets.h"

namespace amb {
namespace {

using namespace test;

/// Waits until the kernel has an event for `fd`, then receives.
IoResult receive(int fd) {
  std::string text;
  return receive_next(fd, text);
}

IoResult receive_now(int fd) {
  std::array<std::byte, 16> bytes;
  return try_receive(fd, bytes);
}

TEST(TryReceive, TellsBytesFromNothingYetFromTheEnd) {
  const TcpPair pair = connected_pair();
  EXPECT_EQ(receive_now(pair.far.borrow()).status, IoStatus::would_block);
  send_text(pair.near.borrow(), "hello");
  const IoResult bytes = receive(pair.far.borrow());
  EXPECT_EQ(bytes.status, IoStatus::done);
  EXPECT_EQ(bytes.count, 5U);
  EXPECT_EQ(receive_now(pair.far.borrow()).status, IoStatus::would_block);
  EXPECT_EQ(shutdown_write(pair.near.borrow()), 0);
  EXPECT_EQ(receive(pair.far.borrow()).status, IoStatus::end);
  EXPECT_EQ(receive_now(pair.far.borrow()).status, IoStatus::end) << "the end stays";
}

TEST(TryReceive, GivesWhatWasSentBeforeTheEndFirst) {
  TcpPair pair = connected_pair();
  send_text(pair.near.borrow(), "last words");
  pair.near.reset();
  EXPECT_EQ(receive_text(pair.far.borrow()), "last words");
}

TEST(TryReceive, FailsWithTheErrnoOfAReset) {
  TcpPair pair = connected_pair();
  reset_on_close(pair.near.borrow());
  pair.near.reset();
  const IoResult result = receive(pair.far.borrow());
  EXPECT_EQ(result.status, IoStatus::failed);
  EXPECT_EQ(result.error, ECONNRESET);
}

TEST(TryReceive, FailsOnWhatIsNoSocket) { EXPECT_EQ(receive_now(-1).error, EBADF); }

TEST(TrySend, SendsWhatFitsAndThenWouldBlock) {
  const TcpPair pair = connected_pair();
  const std::size_t sent = fill(pair.near.borrow());
  EXPECT_GT(sent, 0U);
  EXPECT_EQ(try_send(pair.near.borrow(), bytes_of("x")).status, IoStatus::would_block);
  EXPECT_EQ(receive_text(pair.far.borrow(), sent).size(), sent);
  EXPECT_TRUE(is_ready(pair.near.borrow(), POLLOUT));
  EXPECT_EQ(try_send(pair.near.borrow(), bytes_of("x")).status, IoStatus::done);
}

TEST(TrySend, FailsWithoutASignalWhenThePeerIsGone) {
  TcpPair pair = connected_pair();
  reset_on_close(pair.far.borrow());
  pair.far.reset();
  ASSERT_TRUE(is_ready(pair.near.borrow(), POLLIN));
  EXPECT_EQ(try_send(pair.near.borrow(), bytes_of("x")).error, ECONNRESET);
  EXPECT_EQ(try_send(pair.near.borrow(), bytes_of("x")).error, EPIPE);
}

TEST(TrySend, FailsAfterOurOwnEnd) {
  const TcpPair pair = connected_pair();
  EXPECT_EQ(shutdown_write(pair.near.borrow()), 0);
  EXPECT_EQ(try_send(pair.near.borrow(), bytes_of("x")).error, EPIPE);
}

TEST(TryConnect, GivesATunedSocketThatNeitherBlocksNorSurvivesExec) {
  const TcpPair pair = connected_pair();
  const int fd = pair.near.borrow();
  EXPECT_TRUE(::fcntl(fd, F_GETFL) & O_NONBLOCK);
  EXPECT_TRUE(::fcntl(fd, F_GETFD) & FD_CLOEXEC);
  EXPECT_EQ(option(fd, SOL_SOCKET, SO_OOBINLINE), 1);
  send_at_once(fd);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_NODELAY), 1);
}

TEST(TryConnect, ResetsWhenItIsClosedWithoutAWord) {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  ConnectResult near = try_connect(listener.address);
  const UniqueFd far = accept_from(listener.sockets.front().borrow());
  send_text(near.fd.borrow(), "half an answ");
  EXPECT_EQ(receive_text(far.borrow(), 12), "half an answ");
  near.fd.reset();
  EXPECT_EQ(receive(far.borrow()).error, ECONNRESET);
}

TEST(TryAccept, InheritsThatFromTheListener) {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  const Connected near = connect_to(listener.address);
  ASSERT_TRUE(is_ready(listener.sockets.front().borrow(), POLLIN));
  UniqueFd far = try_accept(listener.sockets.front().borrow()).fd;
  far.reset();
  EXPECT_EQ(receive(near.fd.borrow()).error, ECONNRESET);
}

TEST(EndOnClose, SendsAllThatIsQueuedAndThenTheEnd) {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  ConnectResult near = try_connect(listener.address);
  const UniqueFd far = accept_from(listener.sockets.front().borrow());
  const std::size_t sent = fill(near.fd.borrow());
  EXPECT_TRUE(end_on_close(near.fd.borrow()));
  near.fd.reset();
  EXPECT_EQ(receive_text(far.borrow()).size(), sent);
}

TEST(EndOnClose, SaysWhenItCannotBeHad) { EXPECT_FALSE(end_on_close(-1)); }

TEST(KeepAlive, LooksAfterAnIdlePeerOnceAMinute) {
  const TcpPair pair = connected_pair();
  const int fd = pair.near.borrow();
  keep_alive(fd);
  EXPECT_EQ(option(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
  EXPECT_EQ(option(fd, IPPROTO_TCP, TCP_KEEPIDLE), 60);
}

TEST(TryConnect, EndsWithRefusedWhereNobodyListens) {
  const SocketAddress free = listen_on(ip("127.0.0.1")).address;
  EXPECT_EQ(connect_to(free).error, ECONNREFUSED);
}

TEST(TryConnect, FailsAtOnceWhereNoRouteCanLead) {
  EXPECT_EQ(try_connect(ip("255.255.255.255", 80)).io.status, IoStatus::failed);
  EXPECT_EQ(try_connect(*SocketAddress::from_path("/nowhere/at/all.sock")).io.error, ENOENT);
}

TEST(TryConnect, IsDoneAtOnceOverAUnixSocket) {
  const BoundListener listener =
      listen_on(*SocketAddress::from_path("@ambassador-test-" + std::to_string(::getpid())));
  const ConnectResult result = try_connect(listener.address);
  EXPECT_EQ(result.io.status, IoStatus::done);
  EXPECT_TRUE(accept_from(listener.sockets.front().borrow()).is_open());
}

TEST(ConnectError, IsToldOnlyOnce) {
  const SocketAddress free = listen_on(ip("127.0.0.1")).address;
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (::connect(fd.borrow(), free.raw(), free.raw_size()) != 0 && errno == EINPROGRESS) {
    ASSERT_TRUE(is_ready(fd.borrow(), POLLOUT));
    EXPECT_EQ(connect_error(fd.borrow()), ECONNREFUSED);
  }
  EXPECT_EQ(connect_error(fd.borrow()), 0);
}

TEST(ConnectError, IsTheReasonWhyItCannotBeAsked) { EXPECT_EQ(connect_error(-1), EBADF); }

TEST(IsSelfConnected, RecognisesASocketThatTheKernelConnectedToItself) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress any = ip("127.0.0.1");
  ASSERT_EQ(::bind(fd.borrow(), any.raw(), any.raw_size()), 0);
  const SocketAddress self = local_address(fd.borrow());
  ASSERT_EQ(::connect(fd.borrow(), self.raw(), self.raw_size()), 0);
  EXPECT_TRUE(is_self_connected(fd.borrow(), self.port()));
}

TEST(MayMeetItself, IsOnlySaidOfPortsThatTheKernelGives) {
  const TcpPair pair = connected_pair();
  EXPECT_TRUE(may_meet_itself(local_address(pair.near.borrow()).port()));
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint16_t first = 0, last = 0;
  range >> first >> last;
  EXPECT_EQ(may_meet_itself(80), first <= 80);
  EXPECT_TRUE(may_meet_itself(last));
  EXPECT_TRUE(may_meet_itself(first));
}

TEST(IsSelfConnected, IsFalseForEitherEndOfAConnectionWithinTheHost) {
  const TcpPair pair = connected_pair();
  EXPECT_FALSE(is_self_connected(pair.near.borrow(), local_address(pair.far.borrow()).port()));
  EXPECT_FALSE(is_self_connected(pair.far.borrow(), local_address(pair.near.borrow()).port()));
}

TEST(IsSelfConnected, IsFalseWhenOnlyThePortsAreTheSame) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const SocketAddress listening = ip("127.0.0.1");
  const BoundListener listener = listen_on(listening);
  const SocketAddress own = ip("127.0.0.2", listener.address.port());
  ASSERT_EQ(::bind(fd.borrow(), own.raw(), own.raw_size()), 0);
  ASSERT_EQ(::connect(fd.borrow(), listener.address.raw(), listener.address.raw_size()), 0);
  EXPECT_FALSE(is_self_connected(fd.borrow(), listener.address.port()));
}

TEST(IsSelfConnected, IsFalseForWhatIsNotConnected) {
  const BoundListener listener = listen_on(ip("127.0.0.1"));
  EXPECT_FALSE(is_self_connected(listener.sockets.front().borrow(), listener.address.port()));
  EXPECT_FALSE(is_self_connected(-1, listener.address.port()));
}

TEST(ShutdownWrite, LeavesTheOtherDirectionOpen) {
  const TcpPair pair = connected_pair();
  EXPECT_EQ(shutdown_write(pair.near.borrow()), 0);
  send_text(pair.far.borrow(), "the answer");
  std::string text;
  EXPECT_EQ(receive_next(pair.near.borrow(), text).status, IoStatus::done);
  EXPECT_EQ(text, "the answer");
}

TEST(ShutdownWrite, SaysWhenThereIsNobodyLeft) {
  TcpPair pair = connected_pair();
  reset_on_close(pair.far.borrow());
  pair.far.reset();
  ASSERT_TRUE(is_ready(pair.near.borrow(), POLLIN));
  EXPECT_EQ(shutdown_write(pair.near.borrow()), ENOTCONN);
}

TEST(WasReset, IsFalseForALiveConnectionAndWhereItIsNotKnown) {
  const TcpPair pair = connected_pair();
  EXPECT_FALSE(was_reset(pair.near.borrow()));
  EXPECT_FALSE(was_reset(-1));
}

TEST(WasReset, IsTrueOnceTheResetIsHere) {
  TcpPair pair = connected_pair();
  reset_on_close(pair.far.borrow());
  pair.far.reset();
  ASSERT_TRUE(is_ready(pair.near.borrow(), POLLIN));
  EXPECT_TRUE(was_reset(pair.near.borrow()));
}

TEST(ResetOnClose, DropsWhatIsUnsent) {
  TcpPair pair = connected_pair();
  fill(pair.near.borrow());
  reset_on_close(pair.near.borrow());
  pair.near.reset();
  std::string text;
  EXPECT_TRUE(eventually([&] { return receive_next(pair.far.borrow(), text).error == ECONNRESET; }));
}

TEST(ResetOnClose, IsAnEndOverAUnixSocket) {
  const BoundListener listener =
      listen_on(*SocketAddress::from_path("@ambassador-reset-" + std::to_string(::getpid())));
  ConnectResult near = try_connect(listener.address);
  const UniqueFd far = accept_from(listener.sockets.front().borrow());
  reset_on_close(near.fd.borrow());
  near.fd.reset();
  EXPECT_EQ(receive(far.borrow()).status, IoStatus::end);
}

TEST(LocalAddress, IsUnsetForWhatIsNoSocket) { EXPECT_FALSE(local_address(-1).is_set()); }

}  // namespace
}  // namespace amb
