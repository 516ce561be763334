// SPDX-License-Identifier: MIT
// PumpGroup: several threads of this process trace, each its own target. The kernel sends SIGCHLD to the
// process, where any of them may take it though it tells of another's target; so who takes one wakes the
// others. SIGINT and SIGTERM end all.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <unordered_set>

namespace corotrace {

// One of SIGCHLD, SIGINT and SIGTERM, which are blocked everywhere, or none within `timeout`.
struct TakenSignal {
    int number = 0;
    bool is_for_process = false;  // else for the calling thread alone
};
[[nodiscard]] std::optional<TakenSignal> take_pump_signal(std::chrono::nanoseconds timeout);

class PumpGroup {
public:
    // The calling thread, before it looks for what happened and then waits.
    void join(pid_t tid);
    void leave(pid_t tid);

    // As take_pump_signal(); the others are told.
    std::optional<int> take(std::chrono::nanoseconds timeout);

    // Takes SIGINT and SIGTERM only, and does not wait: for a thread that traces nobody.
    void take_end();

    // As if SIGINT or SIGTERM had come.
    void tell(int signal);

    // SIGINT or SIGTERM, once somebody took one.
    [[nodiscard]] std::optional<int> told() const;

private:
    void wake_others();

    std::mutex mutex_;  // guards members_
    std::unordered_set<pid_t> members_;
    std::atomic<int> told_{0};
};

}  // namespace corotrace
