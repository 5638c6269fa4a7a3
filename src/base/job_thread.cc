// SPDX-License-Identifier: Apache-2.0
#include "base/job_thread.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "base/thread.h"

namespace amb {

struct JobThread::Queue {
  std::mutex mutex;
  std::condition_variable has_news;
  std::deque<Job> jobs;
  bool has_ended = false;
};

JobThread::JobThread() : queue_(std::make_shared<Queue>()) {
  start_thread([queue = queue_] { run(queue); }).detach();
}

JobThread::~JobThread() {
  const std::scoped_lock lock(queue_->mutex);
  queue_->has_ended = true;
  queue_->jobs.clear();
  queue_->has_news.notify_one();
}

void JobThread::post(Job job) {
  const std::scoped_lock lock(queue_->mutex);
  queue_->jobs.push_back(std::move(job));
  queue_->has_news.notify_one();
}

void JobThread::run(const std::shared_ptr<Queue>& queue) {
  for (;;) {
    std::unique_lock lock(queue->mutex);
    queue->has_news.wait(lock, [&] { return queue->has_ended || !queue->jobs.empty(); });
    if (queue->has_ended) return;
    Job job = std::move(queue->jobs.front());
    queue->jobs.pop_front();
    lock.unlock();
    job();
  }
}

}  // namespace amb
