// SPDX-License-Identifier: MIT
// HeldCommand: a command that is started and waits, before its first instruction, until it is traced. It has
// all that it would have without us: standard streams, terminal, process group, signal mask and dispositions,
// limits and environment. Two processes share the work: the one that starts it, whose child it is, and the
// one that will trace it.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <string>
#include <vector>

#include "symbols/result.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

// What a command is to find as its caller had it.
struct SignalState {
    sigset_t mask{};
    struct sigaction child {};  // of SIGCHLD
};

class HeldCommand {
public:
    // Says what becomes of the command. Destroyed without a word it runs, untraced.
    class Gate {
    public:
        explicit Gate(UniqueFd fd) : fd_(std::move(fd)) {}
        void open() { say('g'); }
        // It ends without having run.
        void shut() { say('n'); }

    private:
        void say(char word);
        UniqueFd fd_;
    };

    // To be called while there is one thread only. `tracer`: who may trace it. Errors: internal.
    [[nodiscard]] static Result<HeldCommand> start(const std::vector<std::string>& words,
                                                   const SignalState& before);

    [[nodiscard]] pid_t pid() const { return pid_; }
    // Lets a process, which is no ancestor of the command, trace it: Yama asks for that (prctl(2)
    // PR_SET_PTRACER). Called by the one that started it.
    void allow(pid_t tracer);
    // Instead: it ends without having run.
    void give_up();
    // Called by the one that is to trace it, before it takes the gate: waits until it may. False: the command
    // is gone.
    [[nodiscard]] bool wait_until_allowed();
    [[nodiscard]] Gate take_gate() { return Gate(std::move(gate_)); }

private:
    HeldCommand(pid_t pid, UniqueFd gate, UniqueFd ready)
        : pid_(pid), gate_(std::move(gate)), ready_(std::move(ready)) {}

    pid_t pid_;
    UniqueFd gate_;   // write end
    UniqueFd ready_;  // read end
};

}  // namespace corotrace
