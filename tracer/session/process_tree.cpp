// SPDX-License-Identifier: MIT
#include "tracer/session/process_tree.hpp"

#include <algorithm>
#include <utility>

#include "tracer/process/procfs.hpp"
#include "tracer/process/relatives.hpp"

namespace corotrace {

namespace {

constexpr std::chrono::milliseconds kLookForStartsEvery{20};
constexpr int kShareOfTreeLooks = 20;  // looking takes us at most one part in so many of the time
constexpr std::chrono::milliseconds kLongestStart{2000};
constexpr std::size_t kMostProcesses = 128;

}  // namespace

void ProcessTree::add(pid_t pid) {
    if (relatives_.size() >= kMostProcesses) {
        was_cut_ = true;
        return;
    }
    const auto stat = read_process_stat(pid);
    if (!stat) return;
    Relative& relative = relatives_[pid];
    relative.start_ticks = stat->start_ticks;
    relative.was_there = !was_named_;
}

void ProcessTree::find_children() {
    std::vector<pid_t> pids;
    for (const auto& [pid, relative] : relatives_) pids.push_back(pid);
    for (std::size_t i = 0; i < pids.size(); ++i) {
        const auto children = read_children(pids[i]);
        if (!children) continue;
        for (const pid_t child : *children) {
            if (relatives_.contains(child)) continue;
            add(child);
            if (relatives_.contains(child)) pids.push_back(child);
        }
    }
}

void ProcessTree::forget_gone() {
    std::erase_if(relatives_, [](const auto& entry) {
        const auto stat = read_process_stat(entry.first);
        const bool is_same = stat && stat->start_ticks == entry.second.start_ticks && stat->state != 'Z';
        const bool is_in_use = entry.second.state == State::kJoining || entry.second.state == State::kWatched;
        return !is_same && !is_in_use;
    });
}

void ProcessTree::count_denied() {
    for (auto& [pid, relative] : relatives_) unwatched_ += std::exchange(relative.was_denied, false) ? 1 : 0;
}

std::vector<Candidate> ProcessTree::look() {
    const auto began = Clock::now();
    if (!was_named_) {
        add(options_.pid);
        find_children();
        was_named_ = true;
        auto& first = relatives_[options_.pid];
        first.state = State::kJoining;
        return {make_candidate(options_.pid, first)};
    }
    // Not before the first process is watched, for what is wrong with that ends all.
    if (!has_begun_) return {};
    find_children();
    forget_gone();
    count_denied();
    std::vector<Candidate> joining;
    for (auto& [pid, relative] : relatives_) {
        if (!should_join(pid, relative, began)) continue;
        relative.state = State::kJoining;
        joining.push_back(make_candidate(pid, relative));
    }
    is_complete_ = relatives_.empty();
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    pause_ = std::max(kLookForStartsEvery, kShareOfTreeLooks * took);
    return joining;
}

std::chrono::milliseconds ProcessTree::pause() const {
    return pause_;
}

bool ProcessTree::should_join(pid_t pid, Relative& relative, Clock::time_point now) {
    if (relative.state != State::kWaiting) return false;
    auto program = read_exe(pid).value_or("");
    if (program != relative.program) {
        relative.program = std::move(program);
        relative.patience = {};
        relative.next_try = now;
    }
    if (now < relative.next_try) return false;
    if (files_.may_run_python(pid)) return has_own_memory(pid);
    be_patient(relative, now);  // it may load a library
    return false;
}

// What vfork(2) made runs in its parent's memory, where the parent's probes are, until it executes a program.
bool ProcessTree::has_own_memory(pid_t pid) {
    for (const auto& [other, relative] : relatives_) {
        if (other == pid) continue;
        const auto shared = shares_memory(pid, other);
        if (shared && *shared) return false;
        // kcmp failed, but we have no probes in `other` unless it is watched, so shared memory would be
        // harmless.
        if (!shared && shared.error().code != Errc::gone && relative.state == State::kWatched) {
            note("children are not followed: kcmp(2), which tells whose memory is whose, is refused");
            return false;
        }
    }
    return true;
}

void ProcessTree::be_patient(Relative& relative, Clock::time_point now) {
    relative.patience = std::clamp(relative.patience * 2, kLookForStartsEvery, kLongestStart);
    relative.next_try = now + relative.patience;
}

Candidate ProcessTree::make_candidate(pid_t pid, const Relative& relative) const {
    Candidate candidate{.options = options_,
                        .is_essential = is_first(pid) && !has_begun_,
                        .inherits = !is_first(pid),
                        .is_held = false,
                        .generation = 1,
                        .missed = {}};
    candidate.options.pid = pid;
    candidate.options.duration.reset();  // the run's
    if (!relative.was_there) candidate.missed = "what it dropped before it was found is not counted";
    return candidate;
}

void ProcessTree::on_began(pid_t pid) {
    has_begun_ = true;
    relatives_[pid].state = State::kWatched;
}

void ProcessTree::on_failed(pid_t pid, const Error& error) {
    Relative& relative = relatives_[pid];
    relative.state = State::kWaiting;
    be_patient(relative, Clock::now());
    if (error.code != Errc::denied) return;
    relative.state = State::kLeftAlone;
    relative.was_denied = true;
    note(error.what);
}

void ProcessTree::on_ended(pid_t pid, EndReason reason) {
    Relative& relative = relatives_[pid];
    relative.was_there = false;  // if it goes on, then with another program
    relative.next_try = {};
    relative.patience = {};
    relative.state = reason == EndReason::kTargetExec ? State::kWaiting : State::kLeftAlone;
}

void ProcessTree::note(std::string text) {
    if (std::ranges::find(notes_, text) == notes_.end()) notes_.push_back(std::move(text));
}

std::vector<std::string> ProcessTree::notes() const {
    auto notes = notes_;
    if (was_cut_) {
        notes.push_back("not all processes were watched: there were more than " +
                        std::to_string(kMostProcesses));
    }
    notes.push_back("a child that lived for less than some " +
                    std::to_string(2 * kLookForStartsEvery.count()) + " ms may not have been seen");
    return notes;
}

}  // namespace corotrace
