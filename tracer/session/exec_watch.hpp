// SPDX-License-Identifier: MIT
// ExecWatch: sees to it that a process's counts are read once more where it enters execve(2), after which its
// memory is gone. For that a thread that is about to execute a program, or may be, is stopped at each system
// call, so many times at most.
#pragma once

#include <sys/types.h>

#include "tracer/session/live_target.hpp"

namespace corotrace {

class ExecWatch {
public:
    // System calls that are waited for. A child that subprocess forked makes about ten of them first, and
    // some 30 for each warning that it prints with sources (strace, 3.11). Each costs it two stops, 20 to 40
    // us: one that executes nothing loses 90 ms at most, once (2 busy cores).
    static constexpr int kMostCalls = 2000;

    explicit ExecWatch(LiveTarget target) : target_(target) {}

    // From now on. It is resumed by go_on() only.
    void begin(pid_t tid) {
        tid_ = tid;
        stops_ = 2 * kMostCalls;
    }
    // The same of a process that was just forked and stands, if its program is likely to be executed in C,
    // where nothing announces it.
    void begin_forked(pid_t pid);
    void go_on(pid_t tid, int signal);
    // Of a thread that stopped at a system call: whether the counts are to be read now. Cost: one call.
    [[nodiscard]] bool is_at_exec(pid_t tid);
    // They were; the thread is still there.
    void on_counted();
    // If a program was executed now: nothing was dropped after that.
    [[nodiscard]] bool saw_last_counts() const { return saw_last_counts_; }

private:
    LiveTarget target_;
    pid_t tid_ = 0;
    int stops_ = 0;  // left
    bool saw_last_counts_ = false;
};

}  // namespace corotrace
