// SPDX-License-Identifier: MIT
// Who is whose child, and who still shares its parent's memory. Stops nobody.
#pragma once

#include <sys/types.h>

#include <vector>

#include "symbols/result.hpp"

namespace corotrace {

// Processes that a process started, or that were given to it, and that are not waited for yet. Needs a kernel
// with CONFIG_PROC_CHILDREN. Some may be missed while one ends (proc(5)). Cost: one small file a thread.
// Errors: gone.
[[nodiscard]] Result<std::vector<pid_t>> read_children(pid_t pid);

// Whether two processes run in the same memory, as a child of vfork(2) does until it executes its program:
// what is written into one is written into the other. Errors: gone, denied, unsupported (kernel without
// CONFIG_KCMP).
[[nodiscard]] Result<bool> shares_memory(pid_t one, pid_t other);

}  // namespace corotrace
