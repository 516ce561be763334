// SPDX-License-Identifier: MIT
#include "tracer/process/quiescence.hpp"

#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "tracer/process/procfs.hpp"

namespace corotrace {

namespace {

// More CPU time than the few instructions between loading a slot and leaving the stub can take, even with
// page faults on the way.
constexpr std::chrono::nanoseconds kThroughAfter = std::chrono::microseconds(500);

bool is_outside(const std::optional<BlockedAt>& blocked, RemoteAddr start, RemoteAddr end) {
    return blocked && (blocked->pc < start || blocked->pc >= end);
}

}  // namespace

Status wait_until_outside(pid_t pid, RemoteAddr start, RemoteAddr end, std::chrono::milliseconds limit,
                          const std::function<void()>& meanwhile) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    CT_TRY(const auto threads, list_threads(pid));
    // Threads that start later cannot be inside: nothing points there.
    std::unordered_map<pid_t, std::chrono::nanoseconds> open;
    for (const pid_t tid : threads) {
        const auto ran = read_run_times(pid, tid);
        if (ran) open.emplace(tid, ran->on_cpu);
    }
    for (;;) {
        std::erase_if(open, [&](const auto& entry) {
            const auto blocked = read_syscall(pid, entry.first);
            if (!blocked) return blocked.error().code == Errc::gone;
            if (is_outside(*blocked, start, end)) return true;
            const auto ran = read_run_times(pid, entry.first);
            if (!ran) return ran.error().code == Errc::gone;
            return ran->on_cpu - entry.second > kThroughAfter;
        });
        if (open.empty()) return {};
        if (std::chrono::steady_clock::now() > deadline) {
            return Error{Errc::timeout, 0,
                         "thread " + std::to_string(open.begin()->first) + " may still be in the stub"};
        }
        if (meanwhile) meanwhile();
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
}

}  // namespace corotrace
