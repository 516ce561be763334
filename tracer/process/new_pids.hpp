// SPDX-License-Identifier: MIT
// NewPids: which processes were started in our pid namespace, from the id that the kernel gave out last: ids
// are given out in order. For where ProcessEvents are not to be had. While nothing starts it costs one system
// call to know that, where going through /proc costs several for each process.
// Source: Linux fs/proc/loadavg.c (the last field), kernel/pid.c (alloc_pid).
#pragma once

#include <sys/types.h>

#include "symbols/result.hpp"
#include "symbols/unique_fd.hpp"
#include "tracer/process/process_events.hpp"

namespace corotrace {

class NewPids {
public:
    // Starts threads and looks whether each is the newest; of five, as others may start meanwhile, two have
    // to be: what stands in the file is not the kernel's own everywhere (LXC, gVisor). Errors: unsupported
    // (that, or /proc is of another pid namespace than we are).
    [[nodiscard]] static Result<NewPids> open();

    // Processes that were started since the last call. One that has its id, but cannot be seen yet, is named
    // by the next call that names any, as are all that this one names. `lost`: too many (more than 64 ids),
    // the ids begin anew, or the file cannot be read; the last of them are named by the next call. Never
    // waits. Cost: a system call, and two for each id.
    [[nodiscard]] ProcessEvents::News take();

private:
    explicit NewPids(UniqueFd file) : file_(std::move(file)) {}
    [[nodiscard]] Result<pid_t> read_newest() const;

    UniqueFd file_;
    pid_t newest_ = 0;
    pid_t named_from_ = 0;  // behind it are those that the last call named
    bool has_news_ = false;
};

}  // namespace corotrace
