// SPDX-License-Identifier: MIT
// MatchingProcesses: the membership of a run that watches each Python process that matches a filter, those
// there are and those that come, for as long as it lasts. New ones are told by the kernel (ProcessEvents)
// where it does, and found by looking at /proc where not, as soon as a pid was given out (NewPids). One
// that cannot be watched, because another tracer is attached or for another reason, is left alone and tried
// again later, at growing distances.
//
// Memory grows with the processes that live, not with those that came and went.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "tracer/process/new_pids.hpp"
#include "tracer/process/process_events.hpp"
#include "tracer/session/membership.hpp"
#include "tracer/session/process_list.hpp"

namespace corotrace {

class MatchingProcesses final : public Membership {
public:
    // One that matches cannot be watched, and why; not twice the same of a process. On the thread that looks.
    using OnLeftAlone = std::function<void(pid_t pid, const Error& why)>;

    // `options`: of each; its pid and duration mean nothing. `events`: null where the kernel tells nothing;
    // outlives it.
    MatchingProcesses(AttachOptions options, ProcessFilter filter, ProcessEvents* events,
                      OnLeftAlone on_left_alone);

    [[nodiscard]] std::vector<Candidate> look() override;
    [[nodiscard]] std::chrono::milliseconds pause() const override { return pause_; }
    [[nodiscard]] int news_fd() const override { return is_resting_ ? events_->fd() : -1; }
    [[nodiscard]] bool is_complete() const override { return false; }
    void on_began(pid_t pid) override;
    void on_failed(pid_t pid, const Error& error) override;
    void on_ended(pid_t pid, EndReason reason) override;

    // Processes that are known, of whatever kind.
    [[nodiscard]] std::size_t known() const { return processes_.size(); }

private:
    using Clock = std::chrono::steady_clock;

    enum class State : std::uint8_t { kWaiting, kJoining, kWatched };
    struct Process {
        std::uint64_t start_ticks = 0;
        std::uint64_t mapped_bytes = 0;  // of one that was no Python; 0: it may be one
        Clock::time_point examined;      // all of it
        State state = State::kWaiting;
        bool was_there = false;  // when all began
        std::string told;        // why it was left alone
        Clock::time_point next_try;
        std::chrono::milliseconds patience{0};  // between two tries
    };

    [[nodiscard]] bool take_news(Clock::time_point now);
    void rest(Clock::time_point now, bool had_news);
    void scan(Clock::time_point now);
    void start_over(pid_t pid, Clock::time_point now);
    [[nodiscard]] std::vector<pid_t> find_due(Clock::time_point now);
    [[nodiscard]] std::optional<Candidate> examine(pid_t pid, Process& process, UserNames& users,
                                                   Clock::time_point now);
    [[nodiscard]] static bool is_as_before(Process& process, std::uint64_t mapped_bytes,
                                           Clock::time_point now);
    [[nodiscard]] bool has_own_memory(pid_t pid) const;
    static void be_patient(Process& process, Clock::time_point now, std::chrono::milliseconds least,
                           std::chrono::milliseconds most);

    AttachOptions options_;
    ProcessFilter filter_;
    ProcessEvents* events_;
    OnLeftAlone on_left_alone_;
    std::map<pid_t, Process> processes_;
    std::unordered_set<pid_t> watched_;
    std::chrono::milliseconds pause_{1};
    bool is_resting_ = false;          // until there is news
    std::optional<NewPids> new_pids_;  // where there are no events
    Clock::time_point next_scan_;
    Clock::time_point earliest_scan_;  // if there is a sign of new ones
    Clock::time_point next_again_;
    Clock::time_point next_due_;  // nobody is before
    bool has_looked_ = false;
};

}  // namespace corotrace
