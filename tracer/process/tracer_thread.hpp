// SPDX-License-Identifier: MIT
// TracerThread: a thread of its own for everything between seizing and letting go, because tracing belongs
// to a thread and ends with it, without a stop (see TracedThreads).
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "symbols/doorbell.hpp"
#include "symbols/result.hpp"

namespace corotrace {

class TracerThread {
public:
    TracerThread() = default;
    // To be called once. Errors: internal (the system gives no thread).
    [[nodiscard]] Status start(std::function<void()> work);
    TracerThread(const TracerThread&) = delete;
    TracerThread& operator=(const TracerThread&) = delete;
    ~TracerThread();

    // Waits until the work is done, for so long, or until one of `news` is readable; -1 is passed over. True:
    // it is done.
    [[nodiscard]] bool wait_for(std::chrono::milliseconds time, std::array<int, 2> news = {-1, -1});
    // Makes the thread's EventPump return at once if it waits.
    void wake();
    // Waits until the work is done and the kernel has let go what the thread had seized. Errors: internal
    // (the work threw something; what it said).
    [[nodiscard]] Status join();

private:
    std::mutex mutex_;  // guards what follows
    pid_t tid_ = 0;
    bool done_ = false;
    std::exception_ptr thrown_;

    Doorbell is_done_;
    std::thread thread_;
};

// Runs `work` on a new thread and returns when the kernel has let go what it had seized. Errors: as those of
// TracerThread.
[[nodiscard]] Status run_on_tracer_thread(const std::function<void()>& work);

}  // namespace corotrace
