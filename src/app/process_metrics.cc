// SPDX-License-Identifier: Apache-2.0
#include "app/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace amb {

namespace {

std::uint64_t microseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t whole = 0;
  std::uint64_t resident = 0;
  file >> whole >> resident;
  return file ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::uint64_t open_descriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator entries("/proc/self/fd", error);
  if (error) return 0;
  return static_cast<std::uint64_t>(std::distance(begin(entries), end(entries))) - 1;  // without this look's
}

}  // namespace

ProcessMetrics measure_process() {
  ProcessMetrics process;
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) == 0)
    process.cpu_us = microseconds(used.ru_utime) + microseconds(used.ru_stime);
  process.resident_bytes = resident_bytes();
  process.open_descriptors = open_descriptors();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) process.most_descriptors = limit.rlim_cur;
  return process;
}

}  // namespace amb
