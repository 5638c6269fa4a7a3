// SPDX-License-Identifier: Apache-2.0
//
// The log against readers that are slow, gone or full. That these tests end at all is half of what they say.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>

#include <array>
#include <boost/json/parse.hpp>
#include <thread>

#include "base/log.h"
#include "unit/support/child.h"
#include "unit/support/eventually.h"
#include "unit/support/redirected.h"

namespace amb {
namespace {

using test::Captured;
using test::eventually;
using test::Redirected;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
  }
  UniqueFd reader, writer;
};

/// What is in the pipe now, without waiting for more.
std::string take_all(const Pipe& pipe) {
  (void)::fcntl(pipe.reader.borrow(), F_SETFL, O_NONBLOCK);
  std::string all;
  std::array<char, 65536> bytes;
  for (ssize_t count = 0; (count = ::read(pipe.reader.borrow(), bytes.data(), bytes.size())) > 0;) {
    all.append(bytes.data(), static_cast<std::size_t>(count));
  }
  return all;
}

void write_lines(Log& log, std::int64_t from, std::int64_t count) {
  for (std::int64_t i = from; i < from + count; ++i) log.info("line", {{"number", i}});
}

/// The numbers of the lines in `text`, each of which must be whole.
std::vector<std::int64_t> numbers(const std::string& text) {
  std::vector<std::int64_t> numbers;
  for (const std::string_view line : split(text, '\n')) {
    if (line.empty()) continue;
    boost::system::error_code error;
    const auto value = boost::json::parse(line, error);
    EXPECT_FALSE(error) << "half a line: " << line;
    if (!error) numbers.push_back(value.at("number").as_int64());
  }
  return numbers;
}

TEST(Log, WritesEveryLineInOrderBeforeItEnds) {
  const Captured captured(STDERR_FILENO);
  {
    Log log(LogFormat::json, LogLevel::info);
    write_lines(log, 0, 100);
    EXPECT_EQ(log.dropped(), 0U);
  }
  const auto written = numbers(captured.text());
  ASSERT_EQ(written.size(), 100U);
  EXPECT_TRUE(std::ranges::is_sorted(written));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  const Captured captured(STDERR_FILENO);
  {
    Log log(LogFormat::text, LogLevel::warning);
    log.write(LogLevel::debug, "first", {});
    log.info("second", {});
    log.warning("third", {});
    log.error("fourth", {});
  }
  const std::string text = captured.text();
  EXPECT_EQ(text.find("first"), std::string::npos);
  EXPECT_EQ(text.find("second"), std::string::npos);
  EXPECT_NE(text.find(" warning third\n"), std::string::npos);
  EXPECT_NE(text.find(" error   fourth\n"), std::string::npos);
}

TEST(Log, TakesLinesFromSeveralThreads) {
  const Captured captured(STDERR_FILENO);
  {
    Log log(LogFormat::json, LogLevel::info);
    std::thread other([&] { write_lines(log, 1000, 100); });
    write_lines(log, 0, 100);
    other.join();
  }
  EXPECT_EQ(numbers(captured.text()).size(), 200U);
}

TEST(Log, NeverWaitsForAPipeThatNobodyReadsAndCountsWhatItDrops) {
  const Pipe pipe;
  const Redirected redirected(STDERR_FILENO, pipe.writer.borrow());
  {
    Log log(LogFormat::json, LogLevel::info);
    write_lines(log, 0, 20000);
    EXPECT_GT(log.dropped(), 0U);
  }
  const auto written = numbers(take_all(pipe));
  EXPECT_GT(written.size(), 0U);
  EXPECT_LT(written.size(), 20000U);
}

TEST(Log, KeepsTheNewestLinesForAReaderThatComesBack) {
  const Pipe pipe;
  const Redirected redirected(STDERR_FILENO, pipe.writer.borrow());
  Log log(LogFormat::json, LogLevel::info);
  write_lines(log, 0, 20000);
  std::string text;
  EXPECT_TRUE(eventually([&] {
    text += take_all(pipe);
    return text.find(R"("number":19999})") != std::string::npos;
  }));
  const auto written = numbers(text);
  EXPECT_TRUE(std::ranges::is_sorted(written));
  EXPECT_GE(written.size() + log.dropped(), 20000U) << "every line was written or counted";
}

TEST(Log, SurvivesAReaderThatHasGone) {
  Pipe pipe;
  pipe.reader.reset();
  const Redirected redirected(STDERR_FILENO, pipe.writer.borrow());
  Log log(LogFormat::json, LogLevel::info);
  write_lines(log, 0, 5000);
}

TEST(Log, SurvivesAFullDisk) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.is_open());
  const Redirected redirected(STDERR_FILENO, full.borrow());
  Log log(LogFormat::json, LogLevel::info);
  write_lines(log, 0, 5000);
}

TEST(Log, SurvivesAStandardErrorThatIsNotOpen) {
  test::in_child([] {
    ::close(STDERR_FILENO);
    Log log(LogFormat::json, LogLevel::info);
    write_lines(log, 0, 5000);
  });
}

TEST(Log, EndsThoughItsTerminalTakesNothing) {
  int master = -1, slave = -1;
  ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  const UniqueFd reader(master), writer(slave);
  const Redirected redirected(STDERR_FILENO, writer.borrow());
  {
    Log log(LogFormat::json, LogLevel::info);
    write_lines(log, 0, 5000);  // a terminal has room for a part of a line, says so, and blocks
  }
  // Who is caught in write() there goes on now.
  (void)::tcflush(writer.borrow(), TCIOFLUSH);
}

TEST(Log, CountsLinesThatSayTheSameAndTellsTheTapOfEach) {
  struct Tap final : LogTap {
    void on_line(std::int64_t, LogLevel, std::string_view, std::initializer_list<LogField>) override {
      ++heard;
    }
    int heard = 0;
  } tap;
  const Captured captured(STDERR_FILENO);
  {
    Log log(LogFormat::json, LogLevel::info);
    log.set_tap(&tap);
    for (std::int64_t i = 0; i < 1000; ++i)
      log.write(LogLevel::warning, "same", {{"number", i}}, Repeated{.key = "same", .told = 3});
    log.tell_repeats();
    log.info("last", {{"number", std::int64_t{1000}}});
  }
  EXPECT_EQ(tap.heard, 1001);
  // The writer of a test before this one may still have had something to say.
  std::string ours;
  const std::string text = captured.text();
  for (const std::string_view line : split(text, '\n')) {
    if (line.contains("\"same\"") || line.contains("\"last\"")) ours.append(line).append("\n");
  }
  EXPECT_EQ(numbers(ours), (std::vector<std::int64_t>{0, 1, 2, 999, 1000}));
  EXPECT_NE(captured.text().find(R"("more":997)"), std::string::npos);
}

TEST(Log, SaysItsLastWordsFromAnyThread) {
  const Captured captured(STDERR_FILENO);
  Log log(LogFormat::json, LogLevel::info);
  std::thread([&] { log.write_last(LogLevel::error, "stuck", {{"number", std::int64_t{1}}}); }).join();
  EXPECT_EQ(numbers(captured.text()), std::vector<std::int64_t>{1}) << "it is written once that returns";
}

TEST(Log, WritesToADescriptorThatDoesNotBlock) {
  const Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.writer.borrow(), F_SETFL, O_NONBLOCK), 0);
  const Redirected redirected(STDERR_FILENO, pipe.writer.borrow());
  Log log(LogFormat::json, LogLevel::info);
  write_lines(log, 0, 300);
  std::string text;
  EXPECT_TRUE(eventually([&] {
    text += take_all(pipe);
    return text.find(R"("number":299})") != std::string::npos;
  }));
  EXPECT_EQ(numbers(text).size() + log.dropped(), 300U);
}

}  // namespace
}  // namespace amb
