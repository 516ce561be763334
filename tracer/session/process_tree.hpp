// SPDX-License-Identifier: MIT
// ProcessTree: the membership of a run that watches a process and its descendants, those that are there and
// those that come. New ones are found by looking, every 20 ms if that is cheap: nothing is asked of the
// kernel that would stop a process at fork. What a child drops before it is found is not counted, and its
// summary says so. A process that executes another Python program is watched again.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tracer/session/membership.hpp"
#include "tracer/session/program_files.hpp"

namespace corotrace {

class ProcessTree final : public Membership {
public:
    // The process in `options` is the first; its children get the same options.
    explicit ProcessTree(AttachOptions options) : options_(std::move(options)) {}

    [[nodiscard]] std::vector<Candidate> look() override;
    [[nodiscard]] std::chrono::milliseconds pause() const override;
    [[nodiscard]] bool is_complete() const override { return is_complete_; }
    void on_began(pid_t pid) override;
    void on_failed(pid_t pid, const Error& error) override;
    void on_ended(pid_t pid, EndReason reason) override;
    [[nodiscard]] std::vector<std::string> notes() const override;
    // Those that were denied, and lived on.
    [[nodiscard]] std::uint64_t unwatched() const override { return unwatched_; }

private:
    using Clock = std::chrono::steady_clock;

    enum class State : std::uint8_t { kWaiting, kJoining, kWatched, kLeftAlone };
    struct Relative {
        std::uint64_t start_ticks = 0;
        State state = State::kWaiting;
        bool was_there = false;  // when all began: its count is as complete as that of the first process
        std::string program;     // what it ran at the last try
        Clock::time_point next_try;
        std::chrono::milliseconds patience{0};  // between two tries
        bool was_denied = false;                // and is not counted yet
    };

    void add(pid_t pid);
    void find_children();
    void forget_gone();
    // One that was ending is denied, too: so this is for the look after that.
    void count_denied();
    [[nodiscard]] bool should_join(pid_t pid, Relative& relative, Clock::time_point now);
    [[nodiscard]] bool has_own_memory(pid_t pid);
    static void be_patient(Relative& relative, Clock::time_point now);
    [[nodiscard]] Candidate make_candidate(pid_t pid, const Relative& relative) const;
    [[nodiscard]] bool is_first(pid_t pid) const { return pid == options_.pid; }
    void note(std::string text);

    AttachOptions options_;
    std::map<pid_t, Relative> relatives_;
    ProgramFiles files_;
    std::vector<std::string> notes_;
    std::uint64_t unwatched_ = 0;
    std::chrono::milliseconds pause_{1};
    bool has_begun_ = false;  // the first process is watched
    bool was_named_ = false;  // it was asked to join
    bool is_complete_ = false;
    bool was_cut_ = false;
};

}  // namespace corotrace
