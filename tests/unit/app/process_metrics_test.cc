// SPDX-License-Identifier: Apache-2.0
#include "app/process_metrics.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <vector>

#include "base/unique_fd.h"

namespace amb {
namespace {

TEST(ProcessMetrics, CountDescriptorsButNotTheOneThatCounts) {
  const std::uint64_t before = measure_process().open_descriptors.value();
  EXPECT_EQ(measure_process().open_descriptors, before);
  std::vector<UniqueFd> more;
  for (int i = 0; i < 5; ++i) more.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(measure_process().open_descriptors, before + 5);
}

TEST(ProcessMetrics, KnowTheLimitOfDescriptors) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(measure_process().most_descriptors, limit.rlim_cur);
}

TEST(ProcessMetrics, MeasureMemoryInBytes) {
  const ProcessMetrics process = measure_process();
  ASSERT_TRUE(process.resident_bytes);
  EXPECT_GT(*process.resident_bytes, 1U << 20) << "this program is larger than a MiB";
  EXPECT_EQ(*process.resident_bytes % 4096, 0U);
}

TEST(ProcessMetrics, CountCpuTime) {
  const std::uint64_t before = measure_process().cpu_us;
  volatile std::uint64_t busy = 0;
  std::uint64_t after = before;
  while (after < before + 10'000) {
    for (int i = 0; i < 100'000; ++i) busy = busy + 1;
    after = measure_process().cpu_us;
    ASSERT_GE(after, before);
  }
}

TEST(ProcessMetrics, LeaveTheStartToWhoeverKnowsIt) { EXPECT_EQ(measure_process().start_s, 0U); }

}  // namespace
}  // namespace amb
