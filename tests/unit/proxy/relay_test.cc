// SPDX-License-Identifier: Apache-2.0
#include "proxy/relay.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace amb {
namespace {

/// A source and a sink as connected pairs: the test holds the far ends.
class RelayTest : public testing::Test {
 protected:
  RelayTest() : scratch_(Relay::kLargestChunkBytes) {
    make_pair(source_, writer_);
    make_pair(sink_, reader_);
  }

  RelayOutcome advance(bool hung_up = false) {
    return relay_.advance(
        {.source = source_.borrow(), .sink = sink_.borrow(), .source_hung_up = hung_up, .scratch = scratch_});
  }
  void write(const std::string& text) {
    ASSERT_EQ(::send(writer_.borrow(), text.data(), text.size(), MSG_NOSIGNAL), std::ssize(text));
  }
  /// Writes until the kernel refuses, moving what can be moved: the sink is full then.
  std::size_t fill() {
    const std::string block(64 * 1024, 'x');
    std::size_t written = 0;
    for (int refused = 0; refused < 2;) {
      const ssize_t count = ::send(writer_.borrow(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (count > 0) written += static_cast<std::size_t>(count);
      if (count < 0) ++refused;
      if (!relay_.holds_bytes()) (void)advance();
    }
    return written;
  }
  std::size_t read_all() {
    std::array<char, 65536> into{};
    std::size_t total = 0;
    for (;;) {
      const ssize_t count = ::recv(reader_.borrow(), into.data(), into.size(), MSG_DONTWAIT);
      if (count <= 0) return total;
      total += static_cast<std::size_t>(count);
    }
  }

  static void make_pair(UniqueFd& ours, UniqueFd& theirs) {
    std::array<int, 2> fds{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()), 0);
    ours = UniqueFd(fds[0]);
    theirs = UniqueFd(fds[1]);
  }

  UniqueFd source_, writer_, sink_, reader_;
  std::vector<std::byte> scratch_;
  Relay relay_;
};

TEST_F(RelayTest, MovesWhatIsThereAndIsDry) {
  write("hello");
  EXPECT_EQ(advance(), RelayOutcome::dry);
  EXPECT_EQ(relay_.moved_bytes(), 5U);
  EXPECT_EQ(read_all(), 5U);
}

TEST_F(RelayTest, SeesTheEndBehindTheLastBytesWhenTheHangUpWasSignalled) {
  write("last");
  writer_.reset();
  EXPECT_EQ(advance(true), RelayOutcome::input_end);
  EXPECT_EQ(read_all(), 4U);
}

TEST_F(RelayTest, HoldsWhatTheSinkRefusesAndFlushesIt) {
  const std::size_t written = fill();
  ASSERT_TRUE(relay_.holds_bytes());
  std::size_t read = read_all();
  while (read < written) {
    if (relay_.holds_bytes()) {
      (void)relay_.flush(sink_.borrow());
    } else {
      (void)advance();
    }
    read += read_all();
  }
  EXPECT_EQ(relay_.flush(sink_.borrow()), RelayOutcome::dry);
  EXPECT_FALSE(relay_.holds_bytes());
  EXPECT_EQ(read, written);
  EXPECT_EQ(relay_.moved_bytes(), written);
}

TEST_F(RelayTest, StaysHeldWhileTheSinkIsFull) {
  fill();
  EXPECT_EQ(relay_.flush(sink_.borrow()), RelayOutcome::held);
}

TEST_F(RelayTest, ReportsASinkThatIsGone) {
  reader_.reset();
  write("nobody hears this");
  EXPECT_EQ(advance(), RelayOutcome::output_failed);
  EXPECT_EQ(relay_.error(), EPIPE);
  EXPECT_EQ(relay_.moved_bytes(), 0U);
}

TEST_F(RelayTest, LeavesTheRestToTheNextTurnWhenItsBudgetIsSpent) {
  scratch_.resize(16);  // small reads, so that what fits into the kernel takes more of them than a turn has
  write(std::string(16 * (Relay::kReadsPerTurn + 1), 'x'));
  EXPECT_EQ(advance(), RelayOutcome::spent);
  EXPECT_EQ(relay_.moved_bytes(), 16U * Relay::kReadsPerTurn);
  EXPECT_EQ(advance(), RelayOutcome::dry);
}

TEST_F(RelayTest, ForgetsWhatItHolds) {
  fill();
  relay_.drop_held();
  EXPECT_FALSE(relay_.holds_bytes());
  EXPECT_EQ(relay_.flush(sink_.borrow()), RelayOutcome::dry);
}

}  // namespace
}  // namespace amb
