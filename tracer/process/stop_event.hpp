// SPDX-License-Identifier: MIT
// StopEvent: what the kernel told about one traced thread, as a value with a kind instead of status bits.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace corotrace {

enum class StopKind : std::uint8_t {
    kSignal,     // about to receive `signal`; resume with it, or with 0 to suppress it
    kGroupStop,  // stopped by a job control signal together with its process: listen, do not resume
    kTrap,       // answer to an interrupt, or a followed thread's first stop
    kClone,      // made a thread (followed)
    kFork,       // made a process (followed)
    kCall,       // before or after a system call, see ptrace_resume_to_call()
    kExec,       // the process runs another program now; other threads are gone
    kExiting,    // about to exit, memory still there; `status` has the wait status to come
    kExited,     // ended with exit code `status`; already reaped
    kKilled,     // ended by signal `status`; already reaped
};

struct StopEvent {
    pid_t tid = 0;
    StopKind kind = StopKind::kTrap;
    int signal = 0;
    int status = 0;
};

}  // namespace corotrace
