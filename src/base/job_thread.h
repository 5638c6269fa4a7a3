// SPDX-License-Identifier: Apache-2.0
//
// One thread for work that may take long: a file on a disk that does not answer, a password that is hashed
// 100,000 times. Its owner never waits for it.
#pragma once

#include <functional>
#include <memory>

namespace amb {

class JobThread {
 public:
  using Job = std::move_only_function<void()>;

  /// Throws std::system_error where no thread can be had.
  JobThread();
  /// Jobs that have not begun are dropped. One under way is left to itself, as a read may never return, so a
  /// job holds nothing that ends with its owner.
  ~JobThread();
  JobThread(const JobThread&) = delete;
  JobThread& operator=(const JobThread&) = delete;

  /// Jobs run one at a time, in the order of their coming. A job does not throw.
  void post(Job job);

 private:
  struct Queue;
  static void run(const std::shared_ptr<Queue>& queue);

  std::shared_ptr<Queue> queue_;
};

}  // namespace amb
