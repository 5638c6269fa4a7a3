// SPDX-License-Identifier: Apache-2.0
#include "app/allowance.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>

#include "unit/support/child.h"

namespace amb {
namespace {

struct Quota {
  const char* text;
  std::optional<unsigned> expected;
  const char* because;
};

void PrintTo(const Quota& one, std::ostream* out) { *out << one.because; }

class CpuQuota : public testing::TestWithParam<Quota> {};

TEST_P(CpuQuota, IsReadFromCpuMax) {
  EXPECT_EQ(cpus_of_cpu_max(GetParam().text), GetParam().expected) << GetParam().because;
}

INSTANTIATE_TEST_SUITE_P(
    Texts, CpuQuota,
    testing::Values(Quota{"200000 100000\n", 2, "docker run --cpus 2"},
                    Quota{"150000 100000\n", 2, "a part of a CPU still needs a thread"},
                    Quota{"50000 100000\n", 1, "half a CPU"}, Quota{"1000 100000", 1, "without a line end"},
                    Quota{"100000 50000\n", 2, "another period"},
                    Quota{"max 100000\n", std::nullopt, "no limit"}, Quota{"", std::nullopt, "no such file"},
                    Quota{"\n", std::nullopt, "an empty one"}, Quota{"100000\n", std::nullopt, "no period"},
                    Quota{"0 100000\n", std::nullopt, "nonsense"},
                    Quota{"100000 0\n", std::nullopt, "nonsense that would divide by nothing"},
                    Quota{"-1 100000\n", std::nullopt, "cgroup v1's word for no limit"}));

TEST(AllowedCpus, AreAtLeastOne) { EXPECT_GE(allowed_cpus(), 1U); }

TEST(AllowedCpus, AreNoMoreThanTheAffinityMaskHas) {
  test::in_child([] {
    cpu_set_t now, one;
    CPU_ZERO(&one);
    ASSERT_EQ(::sched_getaffinity(0, sizeof now, &now), 0);
    for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
      if (CPU_ISSET(cpu, &now)) CPU_SET(cpu, &one);
    }
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(allowed_cpus(), 1U);
  });
}

TEST(DescriptorLimit, IsRaisedAsFarAsTheHardOne) {
  test::in_child([] {
    const rlimit lowered{.rlim_cur = 100, .rlim_max = 200};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
    EXPECT_EQ(raise_descriptor_limit(), 200U);
    rlimit now{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
    EXPECT_EQ(now.rlim_cur, 200U);
  });
}

}  // namespace
}  // namespace amb
