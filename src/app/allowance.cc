// SPDX-License-Identifier: Apache-2.0
#include "app/allowance.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "base/small_file.h"
#include "base/text.h"

namespace amb {

namespace {

/// Empty if it cannot be read: then nothing is known of that limit.
std::string read_file(const std::string& path) {
  constexpr std::size_t kMostBytes = 64UL * 1024;
  return read_small_file(path, kMostBytes).value_or(std::string());
}

unsigned affine_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(std::max(CPU_COUNT(&set), 1));
}

std::optional<unsigned> whole_cpus(std::string_view quota, std::string_view period) {
  const auto quota_us = parse_number<unsigned long>(quota);
  const auto period_us = parse_number<unsigned long>(period);
  if (!quota_us || !period_us || *quota_us == 0 || *period_us == 0) return std::nullopt;  // "max", "-1"
  return static_cast<unsigned>((*quota_us + *period_us - 1) / *period_us);
}

/// The path of our cgroup for `controller` (empty for v2) in /proc/self/cgroup: "4:cpu,cpuacct:/docker/abc".
std::string cgroup_path(std::string_view controller) {
  const std::string text = read_file("/proc/self/cgroup");
  for (const std::string_view line : split(text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3) continue;
    const auto controllers = split(fields[1], ',');
    if (std::ranges::count(controllers, controller) != 0) return std::string(fields[2]);
  }
  return {};
}

std::optional<unsigned> quota_cpus() {
  // Inside a container the cgroup is mounted as the root, whatever path the host gives it.
  for (const std::string& group : {cgroup_path(""), std::string()}) {
    const std::string text = read_file("/sys/fs/cgroup" + group + "/cpu.max");
    if (const auto cpus = cpus_of_cpu_max(text)) return cpus;
  }
  for (const std::string& group : {cgroup_path("cpu"), std::string()}) {
    const std::string base = "/sys/fs/cgroup/cpu" + group + "/cpu.cfs_";
    const std::string quota = read_file(base + "quota_us");
    const std::string period = read_file(base + "period_us");
    if (const auto cpus = whole_cpus(trim(split(quota, '\n')[0]), trim(split(period, '\n')[0]))) return cpus;
  }
  return std::nullopt;
}

}  // namespace

std::optional<unsigned> cpus_of_cpu_max(std::string_view text) {
  const auto fields = split(trim(split(text, '\n')[0]), ' ');
  return fields.size() == 2 ? whole_cpus(fields[0], fields[1]) : std::nullopt;
}

unsigned allowed_cpus() {
  const unsigned cpus = affine_cpus();
  return std::max(std::min(cpus, quota_cpus().value_or(cpus)), 1U);
}

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
  return limit.rlim_cur;
}

std::size_t pipes_per_worker(std::size_t descriptor_limit, unsigned workers) {
  // Only directions that move bulk into a full sink hold one; 32 of 1 MiB are what a user may have at once
  // on two workers (pipe-user-pages-soft, 64 MiB).
  constexpr std::size_t kMost = 32;
  constexpr std::size_t kDescriptorsForEach = 64;
  return std::min(kMost, descriptor_limit / (kDescriptorsForEach * std::max(workers, 1U)));
}

}  // namespace amb
