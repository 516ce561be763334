// SPDX-License-Identifier: MIT
// Proof that no thread of a running process can still execute a piece of code that nothing points to any
// more, without stopping a thread: a thread that sleeps in a system call called from elsewhere is outside,
// and so is one that has been on a CPU for a while since. (A thread that had the address in a register when
// the last pointer went needs a few instructions to be through.)
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>

#include "symbols/address.hpp"
#include "symbols/result.hpp"

namespace corotrace {

// Waits until no thread of `pid` can be in [start, end). Nothing must lead there any more. `meanwhile` is
// called between looks: a tracer resumes there the threads that stop for it. Cost: one small /proc read a
// thread and round. Errors: timeout (a thread neither ran nor slept elsewhere: it is stopped or starved; then
// the bytes must stay), gone (nothing runs any more).
[[nodiscard]] Status wait_until_outside(pid_t pid, RemoteAddr start, RemoteAddr end,
                                        std::chrono::milliseconds limit,
                                        const std::function<void()>& meanwhile);

}  // namespace corotrace
