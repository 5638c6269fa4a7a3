// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "unit/support/child.h"
#include "unit/support/redirected.h"

namespace amb {
namespace {

using namespace test;

TEST(Screen, HasEightyColumnsAndNoColourWhereItIsNoTerminal) {
  const Captured out(STDOUT_FILENO);
  const Screen found = screen();
  EXPECT_EQ(found.columns, 80U);
  EXPECT_FALSE(found.is_terminal || found.colour);
}

/// What screen() finds on a terminal of that size.
Screen on_terminal(unsigned short columns, unsigned short rows) {
  int master = -1, slave = -1;
  const winsize size{.ws_row = rows, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, &size), 0);
  const UniqueFd one(master), other(slave);
  const Redirected out(STDOUT_FILENO, slave);
  return screen();
}

TEST(Screen, IsAsLargeAsItsTerminal) {
  ::unsetenv("NO_COLOR");
  const Screen found = on_terminal(132, 43);
  EXPECT_EQ(found.columns, 132U);
  EXPECT_EQ(found.rows, 43U);
  EXPECT_TRUE(found.is_terminal && found.colour);
  EXPECT_EQ(on_terminal(10, 5).columns, 40U) << "narrower, nothing could be read";
  EXPECT_EQ(on_terminal(0, 0).columns, 80U) << "it does not say";
}

TEST(Screen, HasNoColourAgainstItsUsersWish) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(on_terminal(80, 24).colour);
  ::unsetenv("NO_COLOR");
}

TEST(Paint, IsBetweenSequences) {
  EXPECT_EQ(paint("x", Style::bad, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(paint("x", Style::plain, true), "x");
  EXPECT_EQ(paint("x", Style::bad, false), "x");
}

TEST(Print, SaysWhenNobodyReads) {
  in_child([] {
    (void)::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ::close(ends[0]);
    bool is_read = true;
    {
      const Redirected out(STDOUT_FILENO, ends[1]);
      is_read = print("text\n");
    }
    EXPECT_FALSE(is_read);
  });
}

TEST(Print, TellsLostOutputFromAReaderThatFollowedAndHasGone) {
  in_child([] {
    const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    ::close(ends[0]);
    const Keys keys(Keys::Size::ignored);
    bool after_the_reader = true, after_the_disk = false;
    {
      const Redirected out(STDOUT_FILENO, ends[1]);
      (void)print("text\n");
      after_the_reader = has_lost_output();
    }
    {
      const Redirected out(STDOUT_FILENO, full.borrow());
      (void)print("text\n");
      after_the_disk = has_lost_output();
    }
    EXPECT_FALSE(after_the_reader);
    EXPECT_TRUE(after_the_disk);
  });
}

TEST(Keys, HearThatTheReaderHasGone) {
  in_child([] {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    auto heard = Keys::Heard::nothing;
    {
      const Redirected out(STDOUT_FILENO, ends[1]);
      Keys keys(Keys::Size::ignored);
      EXPECT_EQ(keys.wait(std::chrono::milliseconds(0)), Keys::Heard::nothing);
      ::close(ends[0]);
      heard = keys.wait(std::chrono::hours(1));
    }
    EXPECT_EQ(heard, Keys::Heard::stop);
  });
}

TEST(Keys, AreDeafToAnotherSizeWhereNobodyDraws) {
  in_child([] {
    Keys keys(Keys::Size::ignored);
    ::raise(SIGWINCH);
    EXPECT_EQ(keys.wait(std::chrono::milliseconds(0)), Keys::Heard::nothing);
    ::raise(SIGINT);
    EXPECT_EQ(keys.wait(std::chrono::hours(1)), Keys::Heard::stop);
  });
}

TEST(Keys, AreHeardInTheOrderOfSignals) {
  in_child([] {
    Keys keys(Keys::Size::heard);
    EXPECT_EQ(keys.wait(std::chrono::milliseconds(0)), Keys::Heard::nothing);
    ::raise(SIGWINCH);
    EXPECT_EQ(keys.wait(std::chrono::hours(1)), Keys::Heard::resized);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      ::raise(signal);
      EXPECT_EQ(keys.wait(std::chrono::hours(1)), Keys::Heard::stop);
    }
  });
}

}  // namespace
}  // namespace amb
