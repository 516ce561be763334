// SPDX-License-Identifier: MIT
#include "tracer/process/tracer_thread.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

namespace corotrace {

void run_on_tracer_thread(const std::function<void()>& work) {
    pid_t tid = 0;
    std::thread tracer([&] {
        tid = static_cast<pid_t>(::syscall(SYS_gettid));
        work();
    });
    tracer.join();
    // join() returns when the thread's stack is free, before the kernel has let its tracees go; only then
    // does its directory go.
    const std::string path = "/proc/self/task/" + std::to_string(tid);
    while (::access(path.c_str(), F_OK) == 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

}  // namespace corotrace
