// SPDX-License-Identifier: MIT
// The pump is fair: with everybody stopped at any time, each thread has its turn, and so has Ctrl-C.
#include "tracer/process/event_pump.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <unordered_map>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tracer/process/ptrace_call.hpp"
#include "tracer/process/tracer_thread.hpp"

namespace corotrace::process_event_pump_test {

namespace {

constexpr int kEnoughTurns = 60;

// Stops at each signal, once it is traced.
void stop_all_the_time() {
    if (::write(STDOUT_FILENO, "\n", 1) != 1) ::_exit(1);
    for (;;) ::raise(SIGURG);
}

void wait_until_stopped(pid_t pid) {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(pid), &info, WSTOPPED | WNOWAIT | __WALL) != 0) {
    }
}

// Calls `take` with what the pump tells, each time with all of `pids` stopped. `named`: whom it is told of.
void pump_crowd(const std::unordered_set<pid_t>& pids, const std::unordered_set<pid_t>& named,
                const std::function<void(const EventPump::Wake&)>& take) {
    const auto ran = run_on_tracer_thread([&] {
        block_pump_signals();
        EventPump pump;
        // Each is told of once: the kernel shows the newest first.
        for (const pid_t pid : pids) {
            if (!ptrace_seize(pid, SeizeOption::kNone).ok()) return;
            wait_until_stopped(pid);
            const auto wake = pump.wait(std::chrono::nanoseconds::zero(), named);
            if (!wake || !wake->event) return;
            static_cast<void>(ptrace_resume(wake->event->tid, 0));
        }
        for (int turn = 0; turn < kEnoughTurns; ++turn) {
            for (const pid_t pid : pids) wait_until_stopped(pid);
            const auto wake = pump.wait(std::chrono::nanoseconds::zero(), named);
            if (!wake) return;
            take(*wake);
            if (wake->event) static_cast<void>(ptrace_resume(wake->event->tid, 0));
        }
    });
    REQUIRE(ran.ok());
}

}  // namespace

TEST_CASE("threads that stop all the time do not keep others stopped") {
    std::vector<ChildProcess> crowd;
    std::unordered_set<pid_t> pids;
    for (int i = 0; i < 3; ++i) crowd.push_back(ChildProcess::fork_writing(stop_all_the_time));
    for (const ChildProcess& one : crowd) pids.insert(one.pid());
    std::unordered_map<pid_t, int> turns;
    // Whether those that we trace are named, or met only, as programs that start.
    const bool are_named = GENERATE(true, false);
    pump_crowd(pids, are_named ? pids : std::unordered_set<pid_t>{}, [&](const EventPump::Wake& wake) {
        if (wake.event) ++turns[wake.event->tid];
    });
    for (const pid_t pid : pids) CHECK(turns[pid] >= kEnoughTurns / 10);
}

TEST_CASE("threads that stop all the time do not keep us from being told to end") {
    const ChildProcess busy = ChildProcess::fork_writing(stop_all_the_time);
    int stops = 0;
    int signals = 0;
    pump_crowd({busy.pid()}, {busy.pid()}, [&](const EventPump::Wake& wake) {
        if (stops == 0) ::pthread_kill(::pthread_self(), SIGTERM);
        if (wake.event) ++stops;
        if (wake.signal == SIGTERM) ++signals;
    });
    CHECK(stops == kEnoughTurns - 1);
    CHECK(signals == 1);
}

}  // namespace corotrace::process_event_pump_test
