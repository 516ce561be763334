// SPDX-License-Identifier: MIT
#include "tracer/process/event_pump.hpp"

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "tracer/process/ptrace_call.hpp"

namespace corotrace {

namespace {

sigset_t pump_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

// si_status of a stop is the signal in the low byte and the ptrace event above it (ptrace(2)).
StopEvent parse_stop(pid_t tid, int status) {
    const int signal = status & 0xff;
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

}  // namespace

void block_pump_signals() {
    const sigset_t set = pump_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Result<std::optional<StopEvent>> EventPump::poll() {
    for (;;) {
        siginfo_t info{};
        if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) != 0) {
            if (errno == EINTR) continue;
            return Error{Errc::gone, errno, "waiting for traced threads"};
        }
        if (info.si_pid == 0) return std::optional<StopEvent>{};
        if (info.si_code == CLD_TRAPPED || info.si_code == CLD_STOPPED) {
            return std::optional{parse_stop(info.si_pid, info.si_status)};
        }
        // An end is consumed: nobody else may reap a traced thread before its tracer did.
        siginfo_t reaped{};
        waitid(P_PID, static_cast<id_t>(info.si_pid), &reaped, WEXITED | WNOHANG | __WALL);
        const StopKind kind = info.si_code == CLD_EXITED ? StopKind::kExited : StopKind::kKilled;
        return std::optional{
            StopEvent{.tid = info.si_pid, .kind = kind, .signal = 0, .status = info.si_status}};
    }
}

Result<EventPump::Wake> EventPump::wait(std::chrono::nanoseconds timeout) {
    CT_TRY(auto ready, poll());
    if (ready) return Wake{.event = ready, .signal = {}};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (timeout - seconds).count()};
    const sigset_t set = pump_signals();
    const int signal = sigtimedwait(&set, nullptr, &limit);
    if (signal == SIGINT || signal == SIGTERM) return Wake{.event = {}, .signal = signal};
    if (signal != SIGCHLD) return Wake{};
    CT_TRY(auto event, poll());
    return Wake{.event = event, .signal = {}};
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
