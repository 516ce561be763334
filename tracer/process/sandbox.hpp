// SPDX-License-Identifier: MIT
// Whether a process sandboxed itself by seccomp(2), so that a system call that the stub makes in it may be
// forbidden, and then by its end. The filter that a container runtime gives to all processes of a container
// does not count: it has to allow what every C library does, and the stub makes no other calls than those
// (getpid, gettid, tgkill, rt_sigaction, rt_sigprocmask, rt_sigpending).
#pragma once

#include <optional>
#include <string>

#include "tracer/process/procfs.hpp"

namespace corotrace {

// `init`: the first process of the target's pid namespace, if it can be seen. Returns the reason in words, or
// nothing if the stub may ask for stops. Pure.
[[nodiscard]] std::optional<std::string> find_own_sandbox(const ProcessStatus& target,
                                                          const std::optional<ProcessStatus>& init);

// Reads `init` for it. Cost: some reads of /proc, one for each ancestor up to it.
[[nodiscard]] std::optional<std::string> find_own_sandbox(const ProcessStatus& target);

}  // namespace corotrace
