// SPDX-License-Identifier: MIT
// Several threads trace at once: each hears of its own targets, whoever took the signal, and all are told to
// end.
#include "tracer/process/pump_group.hpp"

#include <unistd.h>

#include <csignal>
#include <thread>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"
#include "tracer/process/event_pump.hpp"
#include "tracer/process/ptrace_call.hpp"
#include "tracer/process/tracer_thread.hpp"

using namespace corotrace;

namespace {

constexpr int kStops = 300;
// So long that a stop of which nobody told shows as a test that does not end.
constexpr std::chrono::hours kForEver{1};

void stop_all_the_time() {
    if (::write(STDOUT_FILENO, "\n", 1) != 1) ::_exit(1);
    for (;;) {
        ::raise(SIGURG);
        ::usleep(200);  // its tracer has to wait for the next
    }
}

// Takes stops of `pid` until it saw enough, then waits for the end. Returns how many were of somebody else.
int trace(pid_t pid, PumpGroup& group, std::atomic<int>& ready) {
    int strange = 0;
    run_on_tracer_thread([&] {
        if (!ptrace_seize(pid, SeizeOption::kNone).ok()) return;
        EventPump pump(&group);
        for (int stops = 0;;) {
            const auto wake = pump.wait(kForEver, {pid});
            if (!wake || wake->signal) return;
            if (!wake->event) continue;
            if (wake->event->tid != pid) ++strange;
            static_cast<void>(ptrace_resume(wake->event->tid, 0));
            if (++stops == kStops) ++ready;
        }
    });
    return strange;
}

}  // namespace

TEST_CASE("each of several tracing threads hears of its own targets, and all of the end") {
    std::vector<ChildProcess> children;
    for (int i = 0; i < 4; ++i) children.push_back(ChildProcess::fork_writing(stop_all_the_time));
    // In all threads: where one does not block it, the kernel drops a SIGCHLD that nobody handles.
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    block_pump_signals();
    PumpGroup group;
    std::atomic<int> ready{0};
    std::atomic<int> strange{0};
    std::vector<std::thread> threads;
    for (const ChildProcess& child : children) {
        threads.emplace_back([&] { strange += trace(child.pid(), group, ready); });
    }
    while (ready < static_cast<int>(children.size())) ::usleep(1000);
    group.tell(SIGTERM);
    for (std::thread& thread : threads) thread.join();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    CHECK(strange == 0);
    CHECK(group.told() == SIGTERM);
}
