// SPDX-License-Identifier: MIT
// HostFacts: what of this machine and of corotrace's own place bears on attaching, beside AttachFacts. The
// kernel is tried where its answer does not show in a file, on corotrace itself and on nobody else.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tracer/process/cgroup.hpp"
#include "tracer/process/cpu_quota.hpp"

namespace corotrace {

// What became of a call of ptrace(2) that was about no process.
enum class PtraceCall : std::uint8_t { kPasses, kRefused, kKilled };

struct HostFacts {
    std::optional<std::string> lockdown;  // "none", "integrity", "confidentiality"; null: kernel without
    std::optional<std::string> hidepid;   // of the mount of /proc: "invisible", "2"; null: everybody is seen
    PtraceCall ptrace_call = PtraceCall::kPasses;
    int ptrace_error = 0;                       // of kRefused
    bool writes_read_only = true;               // /proc/PID/mem writes what the process itself may not
    std::optional<std::string> force_override;  // the kernel was started so (proc_mem.force_override)
    std::optional<CpuQuota> quota;              // of corotrace
    std::optional<Cgroup> cgroup;               // of corotrace
    std::optional<bool> same_user_namespace;    // as the target; null: unknown, or no target
    std::optional<CpuQuota> target_quota;
    std::optional<Cgroup> target_cgroup;
};

// Pure. `mounts` is /proc/self/mountinfo; the last mount at /proc counts.
[[nodiscard]] std::optional<std::string> find_hidepid(std::string_view mounts);
// Pure. "none [integrity] confidentiality".
[[nodiscard]] std::optional<std::string> find_lockdown(std::string_view text);

// `pid` 0: without a target. Needs: no other threads (it may fork). Cost: about 0.5 ms.
[[nodiscard]] HostFacts read_host_facts(pid_t pid, bool is_filtered);

}  // namespace corotrace
