// SPDX-License-Identifier: Apache-2.0
//
// Slow work of the control thread's coroutines: it is done on another thread, and whoever asked for it goes
// on when it is done or when its time is over. Only for rooms that use Boost.Asio.
//
//   auto work = [=](const Cancelled& cancelled) { return hash(...); };
//   const auto key = co_await background.run(std::move(work), deadline);
//   if (!key) co_return "it took too long";
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/await.h"
#include "base/job_thread.h"

namespace amb {

/// True once nobody waits for the work any more; long loops look at it now and then.
using Cancelled = std::atomic<bool>;

class Background {
 public:
  using Clock = std::chrono::steady_clock;

  /// `io` outlives it and is run by the thread that asks. Throws std::system_error where no thread can be
  /// had.
  explicit Background(boost::asio::io_context& io) : io_(io), door_(std::make_shared<Door>()) {}

  /// Work under way is left to itself, and nobody hears of it.
  ~Background() {
    const std::scoped_lock lock(door_->mutex);
    door_->is_closed = true;
  }
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// What `work(const Cancelled&)` returned, or nothing if that was not there by `deadline`; what it threw is
  /// thrown here. `work` owns all that it uses, as it may outlive whoever asked.
  template <class Work, class Value = std::invoke_result_t<Work&, const Cancelled&>>
  boost::asio::awaitable<std::optional<Value>> run(Work work,
                                                   Clock::time_point deadline = Clock::time_point::max()) {
    /// But for `cancelled` it is touched on the control thread alone.
    struct Task {
      Cancelled cancelled = false;
      boost::asio::steady_timer* waiting = nullptr;  // of who asked; ends early when the work is done
      std::optional<Value> value;
      std::exception_ptr failure;
    };
    const auto task = std::make_shared<Task>();
    boost::asio::steady_timer waiting(io_, deadline);
    task->waiting = &waiting;
    // Also when the coroutine is destroyed while it waits.
    struct CancelAtEnd {
      Task& task;
      ~CancelAtEnd() {
        task.waiting = nullptr;
        task.cancelled = true;
      }
    } const cancel_at_end{*task};

    thread_.post([&io = io_, door = door_, task, work = std::move(work)]() mutable {
      std::optional<Value> value;
      std::exception_ptr failure;
      try {
        if (!task->cancelled) value.emplace(work(std::as_const(task->cancelled)));
      } catch (...) {
        failure = std::current_exception();
      }
      const std::scoped_lock lock(door->mutex);
      if (door->is_closed) return;
      boost::asio::post(io, [task = std::move(task), value = std::move(value), failure]() mutable {
        if (task->waiting == nullptr) return;
        task->value = std::move(value);
        task->failure = failure;
        task->waiting->cancel();
      });
    });
    (void)co_await waiting.async_wait(kAwait);
    if (task->failure) std::rethrow_exception(task->failure);
    co_return std::move(task->value);
  }

 private:
  /// Through which results come back; closed before the loop they are posted to is gone.
  struct Door {
    std::mutex mutex;
    bool is_closed = false;
  };

  boost::asio::io_context& io_;
  std::shared_ptr<Door> door_;
  JobThread thread_;
};

}  // namespace amb
