// SPDX-License-Identifier: MIT
// CommandTree: the membership of a run that starts a command and watches each Python of its tree from before
// its first line of Python on. Followed by ptrace(2)'s events, on the tracer thread: a forked process stands
// until it is watched, one that executes a program runs from system call to system call until its interpreter
// can be examined. All others run freely.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tracer/process/front.hpp"
#include "tracer/session/membership.hpp"
#include "tracer/session/program_files.hpp"
#include "tracer/session/python_start.hpp"

namespace corotrace {

class CommandTree final : public Membership {
public:
    // `options`: of each Python in it; its pid is the command's. `gate`: what holds the command.
    // `front`: see keep_front_in_step().
    CommandTree(const AttachOptions& options, HeldCommand::Gate gate, pid_t front, const FrontFlag& flag);

    [[nodiscard]] std::vector<Candidate> look() override;
    [[nodiscard]] std::chrono::milliseconds pause() const override { return std::chrono::milliseconds(20); }
    [[nodiscard]] bool is_complete() const override { return is_complete_; }
    void on_ended(pid_t pid, EndReason reason) override;

    void on_tracer_begin() override;
    [[nodiscard]] bool take(const StopEvent& event) override;
    [[nodiscard]] std::vector<Candidate> take_held() override;
    void on_admitted(pid_t pid, const Status& begun) override;
    void on_nobody_traced() override;
    [[nodiscard]] std::optional<EndReason> wants_end() override;
    [[nodiscard]] bool allows_new_tracer() const override { return false; }
    [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }
    [[nodiscard]] std::uint64_t unwatched() const override { return unwatched_; }

    // Why the command could not be traced; it did not run then.
    [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }

private:
    using Clock = std::chrono::steady_clock;

    // A program between exec and the moment when it can be watched.
    struct Starting {
        explicit Starting(PythonStart python) : start(std::move(python)) {}
        PythonStart start;
        int calls = 0;
    };

    void take_first_stop(pid_t tid);
    void take_exec(pid_t pid);
    void take_call(pid_t pid);
    void go_on(pid_t tid, int signal);
    void hold(pid_t pid, bool inherits);
    [[nodiscard]] bool is_forked_python(pid_t pid);
    void note(std::string text);

    AttachOptions options_;
    HeldCommand::Gate gate_;
    pid_t front_;
    const FrontFlag& flag_;
    ProgramFiles files_;
    std::map<pid_t, Starting> starting_;
    std::set<pid_t> forked_;                      // held, and to be resumed as such
    std::map<pid_t, std::uint32_t> generations_;  // programs that a process has run, if more than one
    std::vector<Candidate> held_;
    std::vector<std::string> notes_;
    std::uint64_t unwatched_ = 0;
    std::optional<Error> failed_;
    std::atomic<bool> is_complete_{false};
    std::atomic<bool> has_command_ended_{false};
    std::optional<Clock::time_point> leave_at_;
};

}  // namespace corotrace
