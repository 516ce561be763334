// SPDX-License-Identifier: MIT
#include "tracer/session/matching_processes.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tracer/process/procfs.hpp"
#include "tracer/process/relatives.hpp"

namespace corotrace {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{50};
constexpr milliseconds kAskEvery{70};         // whether a pid was given out, if nothing else is to be done
constexpr milliseconds kScanBesides{10'000};  // all of /proc, where there is another sign of new ones
constexpr int kShareOfScans = 200;            // that takes us at most one part in so many of the time
// If nothing is to be done for so long we wait for the kernel's news, where there are such.
constexpr milliseconds kWorthRest{200};
constexpr milliseconds kLongestRest{5000};
// A process that is no Python that matches may become one: soon after its start by exec(2), later by a
// library that it loads or a new title.
constexpr milliseconds kYoung{20};
constexpr milliseconds kOld{5000};
constexpr milliseconds kAnew{60'000};  // if there is no sign that it changed
// Of those that are due again no more than these are examined in a look, some 60 us each, and not before so
// many times as long has passed as the last ones took.
constexpr std::size_t kMostAgain = 4;
constexpr int kShareOfAgain = 1000;
// One that could not be watched.
constexpr milliseconds kRefused{2000};
constexpr milliseconds kLongestRefused{300'000};

}  // namespace

MatchingProcesses::MatchingProcesses(AttachOptions options, ProcessFilter filter, ProcessEvents* events,
                                     OnLeftAlone on_left_alone)
    : options_(std::move(options)),
      filter_(std::move(filter)),
      events_(events),
      on_left_alone_(std::move(on_left_alone)) {
    options_.duration.reset();
    if (events != nullptr) return;
    if (auto pids = NewPids::open()) new_pids_ = std::move(pids).value();
}

std::vector<Candidate> MatchingProcesses::look() {
    // News come in bunches: a process, and the program that it executes.
    if (std::exchange(is_resting_, false)) {
        pause_ = kLookEvery;
        return {};
    }
    const auto now = Clock::now();
    const bool had_news = take_news(now);
    if (now >= next_scan_) scan(now);
    std::vector<Candidate> joining;
    const auto due = find_due(now);
    UserNames users;
    for (const pid_t pid : due) {
        const auto found = processes_.find(pid);
        if (auto candidate = examine(pid, found->second, users, now))
            joining.push_back(*std::move(candidate));
    }
    if (now >= next_again_ && !due.empty()) next_again_ = now + kShareOfAgain * (Clock::now() - now);
    rest(now, had_news || !joining.empty());
    has_looked_ = true;
    return joining;
}

void MatchingProcesses::rest(Clock::time_point now, bool had_news) {
    const auto free = std::min(next_due_, next_scan_) - now;
    is_resting_ = events_ != nullptr && !had_news && free >= kWorthRest;
    if (is_resting_)
        pause_ = std::min(std::chrono::ceil<milliseconds>(free), kLongestRest) - kLookEvery;
    else
        pause_ = new_pids_ && next_due_ - now >= kAskEvery ? kAskEvery : kLookEvery;
}

// Whether there was any.
bool MatchingProcesses::take_news(Clock::time_point now) {
    if (events_ == nullptr && !new_pids_) return false;
    const auto news = events_ != nullptr ? events_->take() : new_pids_->take();
    for (const pid_t pid : news.pids) start_over(pid, now);
    if (news.lost) next_scan_ = std::min(next_scan_, earliest_scan_);
    return news.lost || !news.pids.empty();
}

// It is new, or runs another program. One that is watched says so itself.
void MatchingProcesses::start_over(pid_t pid, Clock::time_point now) {
    if (pid == ::getpid()) return;
    Process& process = processes_[pid];
    if (process.state != State::kWaiting) return;
    process = Process{};
    process.next_try = next_due_ = now;
}

void MatchingProcesses::scan(Clock::time_point now) {
    const auto listed = list_processes();
    if (!listed) return;
    const std::unordered_set<pid_t> alive(listed->begin(), listed->end());
    std::erase_if(processes_, [&](const auto& entry) {
        return entry.second.state == State::kWaiting && !alive.contains(entry.first);
    });
    for (const pid_t pid : alive) {
        if (processes_.contains(pid)) continue;
        start_over(pid, now);
        if (!has_looked_ && processes_.contains(pid)) processes_[pid].was_there = true;
    }
    earliest_scan_ = now + kShareOfScans * (Clock::now() - now);
    const bool has_news = events_ != nullptr || new_pids_;
    next_scan_ = std::max<Clock::time_point>(earliest_scan_, now + (has_news ? kScanBesides : kLookEvery));
}

// Those that were never examined, of the others the ones that have waited longest.
std::vector<pid_t> MatchingProcesses::find_due(Clock::time_point now) {
    std::vector<pid_t> due;
    if (now < next_due_) return due;
    next_due_ = now + kOld;
    std::vector<std::pair<Clock::time_point, pid_t>> again;
    for (const auto& [pid, process] : processes_) {
        if (process.state != State::kWaiting) continue;
        const bool is_again = process.patience >= kOld;
        const auto at = is_again ? std::max(process.next_try, next_again_) : process.next_try;
        if (now < at)
            next_due_ = std::min(next_due_, at);
        else if (is_again)
            again.emplace_back(process.next_try, pid);
        else
            due.push_back(pid);
    }
    const std::size_t most = std::min(again.size(), kMostAgain);
    std::partial_sort(again.begin(), again.begin() + static_cast<std::ptrdiff_t>(most), again.end());
    for (std::size_t i = 0; i < most; ++i) due.push_back(again[i].second);
    if (!due.empty()) next_due_ = now;  // they are given another time
    return due;
}

std::optional<Candidate> MatchingProcesses::examine(pid_t pid, Process& process, UserNames& users,
                                                    Clock::time_point now) {
    const auto stat = read_process_stat(pid);
    // One that is gone is forgotten by the next scan.
    if (!stat || stat->state == 'Z' || stat->is_kernel_thread) {
        const auto patience = stat && stat->is_kernel_thread ? kAnew : kOld;
        be_patient(process, now, patience, patience);
        return std::nullopt;
    }
    if (process.start_ticks != stat->start_ticks) {
        const bool was_there = process.was_there && process.start_ticks == 0;
        process = Process{};
        process.start_ticks = stat->start_ticks;
        process.was_there = was_there;
    }
    const auto listed =
        is_as_before(process, stat->mapped_bytes, now) ? std::nullopt : read_python_process(pid, users);
    process.mapped_bytes = listed ? 0 : stat->mapped_bytes;
    if (!listed || !matches(*listed, filter_) || !has_own_memory(pid)) {
        process.patience *= 2;  // most will never be one: five looks in two seconds
        be_patient(process, now, kYoung, kOld);
        return std::nullopt;
    }
    process.state = State::kJoining;
    Candidate candidate{.options = options_,
                        .is_essential = false,
                        .inherits = watched_.contains(stat->parent),
                        .is_held = false,
                        .generation = 1,
                        .missed = {}};
    candidate.options.pid = pid;
    if (!process.was_there) candidate.missed = "what it dropped before it was found is not counted";
    return candidate;
}

// Whoever loads a library or executes a program has an address space of another size, as good as always.
bool MatchingProcesses::is_as_before(Process& process, std::uint64_t mapped_bytes, Clock::time_point now) {
    if (process.mapped_bytes != 0 && process.mapped_bytes == mapped_bytes && now - process.examined < kAnew)
        return true;
    process.examined = now;
    return false;
}

// What vfork(2) made runs in its parent's memory, where the parent's probes are, until it executes a program.
bool MatchingProcesses::has_own_memory(pid_t pid) const {
    return std::ranges::none_of(watched_, [&](pid_t other) {
        if (other == pid) return false;
        const auto shared = shares_memory(pid, other);
        // Where it cannot be told, what is in doubt is left alone.
        return shared ? *shared : shared.error().code != Errc::gone;
    });
}

void MatchingProcesses::be_patient(Process& process, Clock::time_point now, milliseconds least,
                                   milliseconds most) {
    process.patience = std::clamp(process.patience * 2, least, most);
    process.next_try = now + process.patience;
}

void MatchingProcesses::on_began(pid_t pid) {
    Process& process = processes_[pid];
    process.state = State::kWatched;
    process.told.clear();
    watched_.insert(pid);
}

void MatchingProcesses::on_failed(pid_t pid, const Error& error) {
    Process& process = processes_[pid];
    process.state = State::kWaiting;
    next_due_ = {};
    if (error.code == Errc::gone || error.code == Errc::not_found) {
        be_patient(process, Clock::now(), kYoung, kOld);
        return;
    }
    // An interpreter that is only starting gets some seconds.
    const bool may_be_early = error.code != Errc::denied && process.patience < kRefused;
    be_patient(process, Clock::now(), may_be_early ? kYoung : kRefused, kLongestRefused);
    if (may_be_early && process.patience < kRefused) return;
    if (process.told == error.what) return;
    process.told = error.what;
    on_left_alone_(pid, error);
}

void MatchingProcesses::on_ended(pid_t pid, EndReason reason) {
    watched_.erase(pid);
    Process& process = processes_[pid];
    process = Process{};
    next_due_ = {};
    // Who removed the stub of a process that goes on wants it left alone.
    if (is_incomplete(reason)) be_patient(process, Clock::now(), kOld, kLongestRefused);
}

}  // namespace corotrace
