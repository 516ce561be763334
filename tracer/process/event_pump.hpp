// SPDX-License-Identifier: MIT
// EventPump: the one place that waits. It takes SIGCHLD, SIGINT and SIGTERM with sigtimedwait(2), so these
// must be blocked in every thread of this process before the first one is traced (block_pump_signals).
//
// Stops are looked at without being consumed (WNOWAIT): if corotrace is killed while a thread is stopped, the
// kernel then still holds that thread's signal and delivers it. A consumed stop would lose it.
#pragma once

#include <chrono>
#include <optional>

#include "symbols/result.hpp"
#include "tracer/process/stop_event.hpp"

namespace corotrace {

// Blocks the pump's signals in the calling thread and in those that it starts from now on.
void block_pump_signals();

class EventPump {
public:
    struct Wake {
        std::optional<StopEvent> event;
        std::optional<int> signal;  // SIGINT or SIGTERM sent to corotrace itself
    };

    // The next event, or neither at the end of `timeout`. A stopped thread is reported again until it is
    // resumed. Errors: gone (nothing left to wait for).
    [[nodiscard]] static Result<Wake> wait(std::chrono::nanoseconds timeout);

private:
    [[nodiscard]] static Result<std::optional<StopEvent>> poll();
};

// Lets a stopped thread go on as if nobody traced it: signals are delivered, group stops last. That it ended
// meanwhile is no error.
void pass_on(const StopEvent& event);

}  // namespace corotrace
