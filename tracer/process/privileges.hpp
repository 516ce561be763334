// SPDX-License-Identifier: MIT
// drop_privileges: gives up all that corotrace does not need, however it was started. What is left is the
// right to trace and to read (CAP_SYS_PTRACE, CAP_DAC_OVERRIDE for /proc/PID/mem of another user,
// CAP_DAC_READ_SEARCH for the target's files) and to be scheduled first (CAP_SYS_NICE), as far as it was
// there.
#pragma once

#include "symbols/result.hpp"

namespace corotrace {

// For the calling thread, and the threads that it starts, as far as it may: who keeps others waiting runs
// first. Bench "starved", all cores busy: the longest of 300 stops was 1.3 ms, without it 3.8 ms.
void raise_priority();

// Needs: to be called before threads are started, for each has its own. A program that corotrace executed
// could not get any of it back either (prctl(2) PR_SET_NO_NEW_PRIVS). Errors: io.
[[nodiscard]] Status drop_privileges();

}  // namespace corotrace
