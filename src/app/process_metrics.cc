// SPDX-License-Identifier: Apache-2.0
#include "app/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <system_error>

#include "base/small_file.h"
#include "base/text.h"

namespace amb {

namespace {

std::uint64_t microseconds(const timeval& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
}

std::optional<std::uint64_t> resident_bytes() {
  constexpr std::size_t kMostBytes = 4096;
  const auto text = read_small_file("/proc/self/statm", kMostBytes);
  if (!text) return std::nullopt;
  const auto columns = split(*text, ' ');
  const auto pages = columns.size() > 1 ? parse_number<std::uint64_t>(columns[1]) : std::nullopt;
  if (!pages) return std::nullopt;
  return *pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::optional<std::uint64_t> open_descriptors() {
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end; !error && entry != end;
       entry.increment(error))
    ++count;
  if (error || count == 0) return std::nullopt;
  return count - 1;  // without this look's
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
