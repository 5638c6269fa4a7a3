// SPDX-License-Identifier: Apache-2.0
#include "base/log_writer.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/thread.h"

namespace amb {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPollMs = 50;

}  // namespace

struct LogWriter::Shared {
  std::mutex mutex;
  std::condition_variable has_news;
  std::condition_variable has_ended;
  std::deque<std::string> lines;
  LogRepeats repeats;
  bool is_ending = false;
  bool is_over = false;  ///< Nothing is written any more.
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<Clock::rep> deadline{Clock::time_point::max().time_since_epoch().count()};

  void push(std::string line) {
    if (lines.size() >= kMostLines) {
      lines.pop_front();
      ++dropped;
    }
    lines.push_back(std::move(line));
  }

  void push_all(std::vector<std::string> more) {
    for (std::string& line : more) push(std::move(line));
  }

  bool is_late() const { return Clock::now().time_since_epoch().count() >= deadline.load(); }

  /// Asks first whether there is room, and so is hardly ever caught in write(2): a pipe that is writable
  /// takes PIPE_BUF (4096) bytes at once, pipe(7), and no line is longer.
  bool wait_for_room() const {
    for (;;) {
      pollfd standard_error{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      const bool is_last = is_late();
      const int ready = ::poll(&standard_error, 1, is_last ? 0 : kPollMs);
      if (ready > 0) return (standard_error.revents & (POLLERR | POLLNVAL)) == 0;
      if (is_last) return false;
    }
  }

  void write(std::string_view rest) {
    while (!rest.empty() && wait_for_room()) {
      const ssize_t count = ::write(STDERR_FILENO, rest.data(), rest.size());
      if (count > 0) rest.remove_prefix(static_cast<std::size_t>(count));
      if (count < 0 && errno != EAGAIN && errno != EINTR) break;  // closed, or the disk is full
    }
    if (!rest.empty()) ++dropped;
  }

  void wait_for_news(std::unique_lock<std::mutex>& lock) {
    const auto due = repeats.next_due();
    if (due) {
      has_news.wait_until(lock, *due);
    } else {
      has_news.wait(lock);
    }
  }

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      push_all(is_ending ? repeats.take_all() : repeats.take_due(Clock::now()));
      if (lines.empty() && is_ending) break;
      if (lines.empty()) {
        wait_for_news(lock);
        continue;
      }
      const std::string line = std::move(lines.front()) + '\n';
      lines.pop_front();
      lock.unlock();
      write(line);
      lock.lock();
    }
    is_over = true;
    has_ended.notify_all();
  }
};

LogWriter::LogWriter() : shared_(std::make_shared<Shared>()) {
  try {
    start_thread([shared = shared_] { shared->run(); }).detach();
  } catch (const std::system_error&) {
    has_thread_ = false;
  }
}

LogWriter::~LogWriter() { end(); }

void LogWriter::add(std::string line, const std::optional<Repeated>& repeated) {
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->is_ending) return;
  if (repeated && !shared_->repeats.admit(*repeated, line, Clock::now())) return;
  shared_->push(std::move(line));
  shared_->has_news.notify_one();
}

void LogWriter::tell_repeats() {
  const std::scoped_lock lock(shared_->mutex);
  shared_->push_all(shared_->repeats.take_all());
  shared_->has_news.notify_one();
}

void LogWriter::end() {
  std::unique_lock lock(shared_->mutex);
  if (std::exchange(shared_->is_ending, true)) return;
  const auto deadline = Clock::now() + kEndWait;
  shared_->deadline = deadline.time_since_epoch().count();
  if (!has_thread_) {
    lock.unlock();
    return shared_->run();
  }
  shared_->has_news.notify_one();
  // The thread may be in poll() at the deadline, and drops the rest then.
  constexpr std::chrono::milliseconds kLastLook{2 * kPollMs};
  shared_->has_ended.wait_until(lock, deadline + kLastLook, [this] { return shared_->is_over; });
}

std::uint64_t LogWriter::dropped() const { return shared_->dropped.load(); }

}  // namespace amb
