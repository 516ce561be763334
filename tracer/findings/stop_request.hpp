// SPDX-License-Identifier: MIT
// StopRequest: how somebody other than the target or a signal ends a session: a report that can no longer
// be written (disk full, the reader of the pipe is gone) asks, the session looks after each call of the
// sink. Signals do not come this way: SIGINT, SIGTERM and SIGCHLD are blocked in the whole process before
// a session starts, and its event pump takes them by sigtimedwait(2).
#pragma once

#include <atomic>

namespace corotrace {

class StopRequest {
public:
    void ask() { asked_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool asked() const { return asked_.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> asked_{false};
};

}  // namespace corotrace
