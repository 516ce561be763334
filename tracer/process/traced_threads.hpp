// SPDX-License-Identifier: MIT
// TracedThreads: which threads of the target we trace. Attaching stops none of them.
//
// Tracing belongs to the thread that attached. It ends, again without a stop, when that thread ends: letting
// a thread go by PTRACE_DETACH would have to stop it first, and stopping a thread that sleeps in the kernel
// makes some system calls fail with EINTR (signal(7)). So run a session on a thread of its own and end it.
#pragma once

#include <sys/types.h>

#include <unordered_set>

#include "symbols/result.hpp"
#include "tracer/process/ptrace_call.hpp"

namespace corotrace {

class TracedThreads {
public:
    // Seizes every thread of `pid`. Errors: gone, denied.
    [[nodiscard]] static Result<TracedThreads> attach(pid_t pid, SeizeOption options);

    [[nodiscard]] pid_t pid() const { return pid_; }
    [[nodiscard]] const std::unordered_set<pid_t>& all() const { return threads_; }
    [[nodiscard]] std::size_t size() const { return threads_.size(); }

    // Seizes threads that came since; repeats until a pass finds none. Returns how many were new.
    // Cost: one directory listing, and 1-2 us a new thread. Errors: gone, denied.
    [[nodiscard]] Result<std::size_t> seize_new();
    // Threads that the kernel seized for us, or that ended.
    void add(pid_t tid) { threads_.insert(tid); }
    // At the first stop of a followed thread. False: it is of another process (clone(2) with an exit signal
    // that is not SIGCHLD makes the kernel seize such a child too).
    [[nodiscard]] bool is_of_target(pid_t tid) const;
    void forget(pid_t tid) { threads_.erase(tid); }

private:
    TracedThreads(pid_t pid, SeizeOption options) : pid_(pid), options_(options) {}

    pid_t pid_;
    SeizeOption options_;
    std::unordered_set<pid_t> threads_;
};

}  // namespace corotrace
