// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "unit/proxy/relay_pair.h"

namespace amb {
namespace {

class RelaySplice : public test::RelayPair {
 protected:
  RelaySplice() { pipes_ = &pool_; }

  /// Bulk until the relay splices; all of it is read.
  void begin_to_splice() {
    for (int i = 0; i < 100 && !relay_.is_splicing(); ++i) {
      const std::string block(128 * 1024, 'x');
      (void)::send(writer_.borrow(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      (void)(relay_.holds_bytes() ? flush() : advance());
      read_all();
    }
    ASSERT_TRUE(relay_.is_splicing());
    for (int i = 0; i < 100; ++i) {
      (void)(relay_.holds_bytes() ? flush() : advance());
      read_all();
    }
  }

  PipePool pool_{1};
};

TEST_F(RelaySplice, SmallMessagesAreCopied) {
  for (int i = 0; i < 50; ++i) {
    write("a small one");
    EXPECT_EQ(advance(), RelayOutcome::dry);
  }
  EXPECT_FALSE(relay_.is_splicing());
  EXPECT_EQ(pool_.open_pipes(), 0U);
}

TEST_F(RelaySplice, BulkIsSplicedAndThePipeIsGivenBackWhenDry) {
  begin_to_splice();
  EXPECT_FALSE(relay_.holds_bytes());
  EXPECT_EQ(pool_.open_pipes(), 1U);
  EXPECT_TRUE(pool_.borrow()) << "the only pipe is back";
}

TEST_F(RelaySplice, WhatTheSinkRefusesStaysInThePipeAndComesOutInFull) {
  begin_to_splice();
  const std::uint64_t before = relay_.moved_bytes();
  const std::size_t written = fill();
  ASSERT_TRUE(relay_.holds_bytes());
  EXPECT_FALSE(pool_.borrow()) << "the pipe holds bytes";
  std::size_t read = read_all();
  for (int turns = 0; read < written && turns < 100'000; ++turns) {
    (void)(relay_.holds_bytes() ? flush() : advance());
    read += read_all();
  }
  EXPECT_EQ(read, written);
  EXPECT_EQ(relay_.moved_bytes() - before, written);
}

TEST_F(RelaySplice, ShortMovesLeadBackToCopying) {
  begin_to_splice();
  for (int i = 0; i < 20 && relay_.is_splicing(); ++i) {
    write("small again");
    (void)advance();
  }
  EXPECT_FALSE(relay_.is_splicing());
}

TEST_F(RelaySplice, TheEndIsSeenBehindTheLastBytes) {
  begin_to_splice();
  write("last");
  writer_.reset();
  EXPECT_EQ(advance(true), RelayOutcome::input_end);
  EXPECT_EQ(read_all(), 4U);
}

TEST_F(RelaySplice, WithoutAPipeItGoesOnByCopying) {
  begin_to_splice();
  const auto taken = pool_.borrow();
  write("no pipe for this");
  EXPECT_EQ(advance(), RelayOutcome::dry);
  EXPECT_EQ(read_all(), 16U);
}

TEST_F(RelaySplice, ASinkThatTakesNoSpliceGetsTheBytesFromThePipeByCopying) {
  begin_to_splice();
  // splice(2) refuses a descriptor opened for appending, send(2) refuses what is no socket: one that is
  // replaced in between shows the rescue and loses nothing.
  const UniqueFd file(::open("/tmp", O_TMPFILE | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  ASSERT_TRUE(file.is_open());
  const UniqueFd socket(::fcntl(sink_.borrow(), F_DUPFD_CLOEXEC, 0));
  ASSERT_GE(::dup2(file.borrow(), sink_.borrow()), 0);
  write("not lost");
  EXPECT_EQ(advance(), RelayOutcome::output_failed) << "it is sent at once: no edge would tell when to begin";
  EXPECT_EQ(relay_.error(), ENOTSOCK);
  ASSERT_GE(::dup2(socket.borrow(), sink_.borrow()), 0);
  EXPECT_EQ(flush(), RelayOutcome::dry);
  EXPECT_EQ(read_all(), 8U);
  EXPECT_FALSE(relay_.is_splicing());
}

TEST_F(RelaySplice, APipeWithBytesIsDestroyedWhenTheyAreDropped) {
  begin_to_splice();
  fill();
  ASSERT_TRUE(relay_.holds_bytes());
  relay_.drop_held();
  EXPECT_EQ(pool_.open_pipes(), 0U);
}

}  // namespace
}  // namespace amb
