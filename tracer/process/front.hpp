// SPDX-License-Identifier: MIT
// Front: what the shell sees of `corotrace run`: a process that is stopped, continued, signalled and ended as
// its command is. It traces nobody: that is another process, so that a stop of this one, or its end, holds
// nobody up.
//
// What the terminal sends (Ctrl-C, Ctrl-Z, SIGWINCH) the kernel gives to the whole process group, so to the
// command too; what somebody sends to this process goes on to the command.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <optional>

#include "symbols/result.hpp"
#include "tracer/process/held_command.hpp"

namespace corotrace {

// Seen by front and tracer: the front has stopped itself, for the command is stopped.
class FrontFlag {
public:
    // Errors: internal.
    [[nodiscard]] static Result<FrontFlag> make();
    [[nodiscard]] std::atomic<int>& is_stopped() const { return *flag_; }

private:
    explicit FrontFlag(std::atomic<int>* flag) : flag_(flag) {}
    std::atomic<int>* flag_;  // in shared memory, as long as both live
};

// While there is one thread only: blocks every signal that can be passed on. Returns what was before.
[[nodiscard]] SignalState hold_signals();

struct FrontEnd {
    int command = 0;  // wait status (wait(2))
    int tracer = 0;   // the same
};

// Until both have ended. Needs: both are children, hold_signals() was called.
[[nodiscard]] FrontEnd stand_in_front(pid_t command, pid_t tracer, const FrontFlag& flag);

// In the tracer: the command goes on, so its front does, too. To be called now and then; cost: two reads.
void keep_front_in_step(pid_t front, pid_t command, const FrontFlag& flag);

// In the tracer, before it starts threads: a process group of its own, so that the terminal's signals are
// not for it; told to end by SIGTERM when its front is gone.
void leave_front(pid_t front);

// Ends as the command ended: by its exit code or by the same signal, else with 128 and the signal's number.
[[nodiscard]] int end_as(int wait_status);
// Exit code of a wait status; null: it ended by a signal.
[[nodiscard]] std::optional<int> exit_code_of(int wait_status);

}  // namespace corotrace
