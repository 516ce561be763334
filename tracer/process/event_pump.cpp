// SPDX-License-Identifier: MIT
#include "tracer/process/event_pump.hpp"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "tracer/process/ptrace_call.hpp"

namespace corotrace {

namespace {

// Events between two looks at each thread: few, yet so many that the looks, 0.3 us each, cost little.
constexpr std::size_t kFewEvents = 4;
constexpr std::size_t kLooksPerEvent = 8;
constexpr int kCallStop = SIGTRAP | 0x80;  // PTRACE_O_TRACESYSGOOD

sigset_t pump_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    return set;
}

// si_status of a stop is the signal in the low byte and the ptrace event above it (ptrace(2)).
StopEvent parse_stop(pid_t tid, int status) {
    const int signal = status & 0xff;
    if (status == kCallStop) return {.tid = tid, .kind = StopKind::kCall, .signal = 0, .status = 0};
    StopEvent stop{.tid = tid, .kind = StopKind::kSignal, .signal = signal, .status = 0};
    switch (status >> 8) {
        case 0:
            break;
        case PTRACE_EVENT_STOP:
            // A group stop shows the stopping signal, any other trap SIGTRAP.
            stop.kind = signal == SIGTRAP ? StopKind::kTrap : StopKind::kGroupStop;
            break;
        case PTRACE_EVENT_CLONE:
            stop.kind = StopKind::kClone;
            break;
        case PTRACE_EVENT_FORK:
        case PTRACE_EVENT_VFORK:
            stop.kind = StopKind::kFork;
            break;
        case PTRACE_EVENT_EXEC:
            stop.kind = StopKind::kExec;
            break;
        case PTRACE_EVENT_EXIT:
            stop.kind = StopKind::kExiting;
            break;
        default:
            stop.kind = StopKind::kTrap;
            break;
    }
    return stop;
}

// What one call of waitid(2) shows of those that the calling thread traces; an end is consumed.
Result<std::optional<StopEvent>> look(idtype_t which, id_t id, int changes) {
    for (;;) {
        siginfo_t info{};
        if (waitid(which, id, &info, changes | WNOHANG | WNOWAIT | __WALL | __WNOTHREAD) != 0) {
            if (errno == EINTR) continue;
            return Error{Errc::gone, errno, "waiting for traced threads"};
        }
        if (info.si_pid == 0) return std::optional<StopEvent>{};
        if (info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED) {
            return std::optional{parse_stop(info.si_pid, info.si_status)};
        }
        // Nobody else may reap a traced thread before its tracer did.
        siginfo_t reaped{};
        waitid(P_PID, static_cast<id_t>(info.si_pid), &reaped, WEXITED | WNOHANG | __WALL | __WNOTHREAD);
        const StopKind kind = info.si_code == CLD_EXITED ? StopKind::kExited : StopKind::kKilled;
        return std::optional{
            StopEvent{.tid = info.si_pid, .kind = kind, .signal = 0, .status = info.si_status}};
    }
}

// SIGCHLD, SIGINT, SIGTERM or SIGHUP, as far as they are blocked everywhere; none within `timeout`: null.
std::optional<int> take_signal(std::chrono::nanoseconds timeout) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (timeout - seconds).count()};
    const sigset_t set = pump_signals();
    const int signal = sigtimedwait(&set, nullptr, &limit);
    return signal > 0 ? std::optional{signal} : std::nullopt;
}

bool is_end(const std::optional<int>& signal) {
    return signal && *signal != SIGCHLD;
}

}  // namespace

void block_pump_signals() {
    const sigset_t set = pump_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Result<EventPump::Wake> EventPump::wait(std::chrono::nanoseconds timeout,
                                        const std::unordered_set<pid_t>& threads) {
    const std::unordered_set<pid_t>* const one[] = {&threads};
    return wait(timeout, one);
}

Result<EventPump::Wake> EventPump::wait(std::chrono::nanoseconds timeout,
                                        std::span<const std::unordered_set<pid_t>* const> threads) {
    if (stopped_.empty() && ++told_ >= std::max(kFewEvents, looks_ / kLooksPerEvent)) {
        told_ = 0;
        const auto signal = take_signal({});
        if (is_end(signal)) return Wake{.event = {}, .signal = signal};
        look_at_each(threads);
    }
    if (!stopped_.empty()) {
        const Wake wake{.event = stopped_.front(), .signal = {}};
        stopped_.pop_front();
        return wake;
    }
    CT_TRY(auto ready, look_at_all());
    if (ready) return Wake{.event = ready, .signal = {}};
    told_ = 0;  // nobody was kept waiting
    const auto signal = take_signal(timeout);
    if (is_end(signal)) return Wake{.event = {}, .signal = signal};
    if (signal != SIGCHLD) return Wake{};
    CT_TRY(auto event, look_at_all());
    return Wake{.event = event, .signal = {}};
}

Result<std::optional<StopEvent>> EventPump::look_at_all() {
    CT_TRY(auto event, look(P_ALL, 0, WEXITED | WSTOPPED));
    if (!event) return event;
    if (event->kind == StopKind::kExited || event->kind == StopKind::kKilled) {
        met_.erase(event->tid);
    } else {
        met_.insert(event->tid);
    }
    return event;
}

void EventPump::look_at_each(std::span<const std::unordered_set<pid_t>* const> threads) {
    looks_ = 0;
    for (const auto* set : threads) {
        for (const pid_t tid : *set) static_cast<void>(look_at(tid));
    }
    std::erase_if(met_, [&](pid_t tid) {
        const bool is_one = std::ranges::any_of(threads, [&](const auto* set) { return set->contains(tid); });
        return !is_one && !look_at(tid);
    });
}

bool EventPump::look_at(pid_t tid) {
    ++looks_;
    const auto seen = look_at_thread(tid);
    if (seen && *seen) stopped_.push_back(**seen);
    return seen.ok();
}

std::optional<int> wait_for_signal(std::chrono::nanoseconds timeout) {
    const auto signal = take_signal(timeout);
    return is_end(signal) ? signal : std::nullopt;
}

Result<std::optional<StopEvent>> look_at_thread(pid_t tid) {
    return look(P_PID, static_cast<id_t>(tid), WSTOPPED);
}

void consume_stop(pid_t tid) {
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(tid), &info, WSTOPPED | WNOHANG | __WALL | __WNOTHREAD);
}

void pass_on(const StopEvent& event) {
    switch (event.kind) {
        case StopKind::kSignal:
            static_cast<void>(ptrace_resume(event.tid, event.signal));
            return;
        case StopKind::kGroupStop:
            static_cast<void>(ptrace_listen(event.tid));
            return;
        case StopKind::kTrap:
        case StopKind::kClone:
        case StopKind::kFork:
        case StopKind::kCall:
        case StopKind::kExec:
        case StopKind::kExiting:
            static_cast<void>(ptrace_resume(event.tid, 0));
            return;
        case StopKind::kExited:
        case StopKind::kKilled:
            return;
    }
}

}  // namespace corotrace
