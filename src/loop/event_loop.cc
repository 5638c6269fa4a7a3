// SPDX-License-Identifier: Apache-2.0
#include "loop/event_loop.h"

#include <sys/eventfd.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <limits>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"

namespace amb {

namespace {

constexpr int kEventsPerWait = 256;

Milliseconds monotonic_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<Milliseconds>(now.tv_sec) * 1000 + static_cast<Milliseconds>(now.tv_nsec) / 1'000'000;
}

}  // namespace

/// Messages from other threads. The eventfd is written only when the box was empty, so a burst costs one
/// wake.
struct EventLoop::Mailbox final : EventSource {
  explicit Mailbox(UniqueFd fd) : wake(std::move(fd)) {}

  void on_events(std::uint32_t) override {
    eventfd_t ignored = 0;
    (void)::eventfd_read(wake.borrow(), &ignored);
    // A message may have come since this turn delivered; its wake-up, just read, is owed to the next turn.
    if (has_messages.load(std::memory_order_acquire)) (void)::eventfd_write(wake.borrow(), 1);
  }

  void deliver() {
    if (!has_messages.load(std::memory_order_acquire)) return;
    {
      const std::scoped_lock hold(lock);
      taken.swap(messages);
      has_messages.store(false, std::memory_order_relaxed);
    }
    for (auto& message : taken) message();
    taken.clear();
  }

  UniqueFd wake;
  std::atomic<bool> has_messages{false};
  std::mutex lock;
  std::vector<std::move_only_function<void()>> messages;
  std::vector<std::move_only_function<void()>> taken;  ///< Kept so that its memory is used again.
};

Result<std::unique_ptr<EventLoop>> EventLoop::open() {
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.is_open()) return std::unexpected(Error{"cannot open an epoll instance", errno, {}});
  UniqueFd wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake.is_open()) return std::unexpected(Error{"cannot open an eventfd", errno, {}});
  std::unique_ptr<EventLoop> loop(
      new EventLoop(std::move(epoll), std::make_unique<Mailbox>(std::move(wake))));
  if (!loop->add(loop->mailbox_->wake.borrow(), EPOLLIN, *loop->mailbox_)) {
    return std::unexpected(Error{"cannot watch an eventfd", errno, {}});
  }
  return loop;
}

EventLoop::EventLoop(UniqueFd epoll, std::unique_ptr<Mailbox> mailbox)
    : epoll_(std::move(epoll)), mailbox_(std::move(mailbox)), now_(monotonic_ms()), timers_(now_) {}

EventLoop::~EventLoop() = default;

bool EventLoop::add(int fd, std::uint32_t events, EventSource& source) {
  epoll_event event{.events = events, .data = {.ptr = &source}};
  return ::epoll_ctl(epoll_.borrow(), EPOLL_CTL_ADD, fd, &event) == 0;
}

bool EventLoop::modify(int fd, std::uint32_t events, EventSource& source) {
  epoll_event event{.events = events, .data = {.ptr = &source}};
  return ::epoll_ctl(epoll_.borrow(), EPOLL_CTL_MOD, fd, &event) == 0;
}

void EventLoop::remove(int fd) { (void)::epoll_ctl(epoll_.borrow(), EPOLL_CTL_DEL, fd, nullptr); }

void EventLoop::post(std::move_only_function<void()> message) {
  bool was_empty = false;
  {
    const std::scoped_lock hold(mailbox_->lock);
    was_empty = mailbox_->messages.empty();
    mailbox_->messages.push_back(std::move(message));
    mailbox_->has_messages.store(true, std::memory_order_release);
  }
  if (was_empty) (void)::eventfd_write(mailbox_->wake.borrow(), 1);
}

void EventLoop::turn() {
  std::array<epoll_event, kEventsPerWait> events;
  const int count = ::epoll_wait(epoll_.borrow(), events.data(), kEventsPerWait, wait_ms());
  now_ = monotonic_ms();
  ++turn_number_;
  AMB_CHECK(count >= 0 || errno == EINTR);
  mailbox_->deliver();  // before the events: what was posted before a connection came holds for it
  events_left_ = std::max(count, 0);
  for (int i = 0; i < count; ++i) {
    --events_left_;
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    static_cast<EventSource*>(event.data.ptr)->on_events(event.events);
  }
  timers_.advance(now_);
  run_deferred();
}

int EventLoop::wait_ms() const {
  if (!deferred_.is_empty()) return 0;
  const auto wake = timers_.next_wake();
  if (!wake) return -1;
  if (*wake <= now_) return 0;
  return static_cast<int>(std::min<Milliseconds>(*wake - now_, std::numeric_limits<int>::max()));
}

void EventLoop::run_deferred() {
  IntrusiveList<Deferred, DeferredTag> batch;  // what defers itself again waits for the next turn
  batch.splice_back(deferred_);
  while (Deferred* work = batch.pop_front()) work->on_deferred();
}

}  // namespace amb
