// SPDX-License-Identifier: Apache-2.0
//
// What this process may use of the machine: CPUs and file descriptors.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace amb {

/// CPUs that the affinity mask and the cgroup's quota (v1 and v2) allow, rounded up; at least 1.
unsigned allowed_cpus();

/// Whole CPUs in a cgroup v2 `cpu.max` ("150000 100000" is 2), nothing when there is no limit.
std::optional<unsigned> cpus_of_cpu_max(std::string_view text);

/// Raises the soft RLIMIT_NOFILE to the hard one and returns it.
std::size_t raise_descriptor_limit();

/// How many pipes each worker may have for splicing: a few for everybody, none where descriptors are scarce.
std::size_t pipes_per_worker(std::size_t descriptor_limit, unsigned workers);

}  // namespace amb
