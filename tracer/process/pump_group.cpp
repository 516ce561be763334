// SPDX-License-Identifier: MIT
#include "tracer/process/pump_group.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <initializer_list>

namespace corotrace {

namespace {

std::optional<TakenSignal> take_one_of(std::initializer_list<int> numbers, std::chrono::nanoseconds timeout) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (timeout - seconds).count()};
    sigset_t set;
    sigemptyset(&set);
    for (const int number : numbers) sigaddset(&set, number);
    siginfo_t info{};
    const int signal = sigtimedwait(&set, &info, &limit);
    if (signal <= 0) return std::nullopt;
    return TakenSignal{.number = signal, .is_for_process = info.si_code != SI_TKILL};
}

}  // namespace

std::optional<TakenSignal> take_pump_signal(std::chrono::nanoseconds timeout) {
    return take_one_of({SIGCHLD, SIGINT, SIGTERM}, timeout);
}

void PumpGroup::join(pid_t tid) {
    const std::lock_guard lock(mutex_);
    members_.insert(tid);
}

void PumpGroup::leave(pid_t tid) {
    const std::lock_guard lock(mutex_);
    members_.erase(tid);
}

void PumpGroup::wake_others() {
    const auto self = static_cast<pid_t>(::syscall(SYS_gettid));
    const std::lock_guard lock(mutex_);
    for (const pid_t tid : members_) {
        if (tid != self) ::syscall(SYS_tgkill, ::getpid(), tid, SIGCHLD);
    }
}

std::optional<int> PumpGroup::take(std::chrono::nanoseconds timeout) {
    const auto taken = take_pump_signal(timeout);
    if (!taken) return std::nullopt;
    if (taken->number != SIGCHLD) {
        tell(taken->number);
    } else if (taken->is_for_process) {
        wake_others();
    }
    return taken->number;
}

void PumpGroup::take_end() {
    const auto taken = take_one_of({SIGINT, SIGTERM}, {});
    if (taken) tell(taken->number);
}

void PumpGroup::tell(int signal) {
    told_.store(signal, std::memory_order_relaxed);
    wake_others();
}

std::optional<int> PumpGroup::told() const {
    const int signal = told_.load(std::memory_order_relaxed);
    return signal != 0 ? std::optional{signal} : std::nullopt;
}

}  // namespace corotrace
