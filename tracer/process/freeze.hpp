// SPDX-License-Identifier: MIT
// Freeze: a process whose threads all stand still, by ptrace(2) and not by a signal, so that nobody else sees
// it. However corotrace ends, the kernel lets them go on: tracing ends with the thread that holds them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "symbols/result.hpp"
#include "tracer/process/tracer_thread.hpp"

namespace corotrace {

class Freeze {
public:
    // Returns when each thread stands. A thread that waits in a system call leaves it: some of these then
    // fail with EINTR (signal(7)). Errors: gone, denied (another tracer, or no right), timeout (a thread that
    // the kernel does not stop, such as one in vfork(2), within `limit`: all go on).
    [[nodiscard]] static Result<std::unique_ptr<Freeze>> make(pid_t pid, std::chrono::milliseconds limit);

    Freeze(const Freeze&) = delete;
    Freeze& operator=(const Freeze&) = delete;
    ~Freeze();

    // Lets all go on. For how long they stood, from when the first was asked. To be called once.
    [[nodiscard]] std::chrono::microseconds release();

private:
    Freeze() = default;
    void hold(pid_t pid, std::chrono::milliseconds limit);

    std::mutex mutex_;  // guards what follows, except the thread
    std::condition_variable changed_;
    bool settled_ = false;  // all stand, or failed_ says why not
    bool let_go_ = false;
    Status failed_;
    std::chrono::steady_clock::time_point began_;

    TracerThread thread_;
};

}  // namespace corotrace
