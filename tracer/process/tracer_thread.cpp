// SPDX-License-Identifier: MIT
#include "tracer/process/tracer_thread.hpp"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace corotrace {

namespace {

// Keeps the calling thread on the core where it is, and those that it starts from now on. Returns where it
// was allowed to be.
std::optional<cpu_set_t> stay_here() {
    cpu_set_t allowed;
    const int core = ::sched_getcpu();
    if (core < 0 || ::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) return std::nullopt;
    cpu_set_t here;
    CPU_ZERO(&here);
    CPU_SET(static_cast<std::size_t>(core), &here);
    if (::sched_setaffinity(0, sizeof(here), &here) != 0) return std::nullopt;
    return allowed;
}

void go_where_allowed(const std::optional<cpu_set_t>& allowed) {
    if (allowed) ::sched_setaffinity(0, sizeof(*allowed), &*allowed);
}

}  // namespace

void run_on_tracer_thread(const std::function<void()>& work) {
    pid_t tid = 0;
    // It has some ms to do at once, and would be started on the core that seems least busy, which may be one
    // where the target runs. This one is free in a moment.
    const auto allowed = stay_here();
    std::thread tracer([&tid, &work, allowed] {
        go_where_allowed(allowed);
        ::prctl(PR_SET_TIMERSLACK, 1UL);  // it waits for microseconds
        tid = static_cast<pid_t>(::syscall(SYS_gettid));
        work();
    });
    go_where_allowed(allowed);
    tracer.join();
    // join() returns when the thread's stack is free, before the kernel has let its tracees go; only then
    // does its directory go.
    const std::string path = "/proc/self/task/" + std::to_string(tid);
    while (::access(path.c_str(), F_OK) == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace corotrace
