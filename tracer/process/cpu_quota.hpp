// SPDX-License-Identifier: MIT
// CpuQuota: how much processor time the control groups of a process leave it. A thread that is stopped waits
// until its tracer gets to run, and a tracer that has used up its quota runs only in the next period.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace corotrace {

// Below, a handful of stops uses a period's quota up: a stopped thread was seen to wait for tenths of a
// second.
inline constexpr double kFewCores = 0.25;
// "50m": thousandths of a core, as Kubernetes writes them.
[[nodiscard]] std::string describe_cores(double cores);

struct CpuQuota {
    std::optional<double> cores;             // the tightest limit of its group and those above; null: none
    std::optional<std::uint64_t> periods;    // of the group with that limit, since it was made
    std::optional<std::uint64_t> throttled;  // of these, in which its processes had to wait
};

// `cgroup` is /proc/PID/cgroup, `mounts` /proc/self/mountinfo; version 2 and version 1 (cpu.cfs_quota_us).
// Groups above the root of a cgroup namespace cannot be seen and do not count.
// Null: no control group of the processor can be read.
[[nodiscard]] std::optional<CpuQuota> find_cpu_quota(std::string_view cgroup, std::string_view mounts);

[[nodiscard]] std::optional<CpuQuota> read_cpu_quota(pid_t pid);

}  // namespace corotrace
