// SPDX-License-Identifier: MIT
// EventPump: the one place that waits. It takes SIGCHLD, SIGINT and SIGTERM with sigtimedwait(2), so these
// must be blocked in every thread of this process before the first one is traced (block_pump_signals). One
// thread of a process pumps, for all that is traced.
//
// Stops are examined without being consumed (WNOWAIT): if corotrace is killed while a thread is stopped, the
// kernel then still holds that thread's signal and delivers it. A consumed stop would lose it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <unordered_set>

#include "symbols/result.hpp"
#include "tracer/process/stop_event.hpp"

namespace corotrace {

// Blocks the pump's signals in the calling thread and in those that it starts from now on.
void block_pump_signals();

class EventPump {
public:
    struct Wake {
        std::optional<StopEvent> event;
        std::optional<int> signal;  // SIGINT, SIGTERM or SIGHUP sent to corotrace itself
    };

    // The next event, or neither at the end of `timeout`. A stopped thread is reported again until it is
    // resumed. The kernel shows stopped threads in an order of its own, the same each time, so threads that
    // stop over and over would keep the others stopped: each of `threads`, which are those that we trace, and
    // each that was reported before, is therefore examined by itself every few events, and so is what was
    // sent to us. Cost: 1 us, if nothing has to be waited for. Errors: gone (nothing left to wait for).
    [[nodiscard]] Result<Wake> wait(std::chrono::nanoseconds timeout,
                                    const std::unordered_set<pid_t>& threads);
    // Of several processes.
    [[nodiscard]] Result<Wake> wait(std::chrono::nanoseconds timeout,
                                    std::span<const std::unordered_set<pid_t>* const> threads);

private:
    [[nodiscard]] Result<std::optional<StopEvent>> look_at_all();
    void look_at_each(std::span<const std::unordered_set<pid_t>* const> threads);
    // False: it is not ours any more.
    bool look_at(pid_t tid);

    std::unordered_set<pid_t> met_;  // were told of, and have not ended
    std::size_t looks_ = 0;          // at single threads, the last time
    std::deque<StopEvent> stopped_;  // stops seen in one look at each, not told yet
    std::size_t told_ = 0;           // events since
};

// While nobody is traced: SIGINT or SIGTERM, if one was sent to us by the end of `timeout`. May return before
// it, for TracerThread::wake().
[[nodiscard]] std::optional<int> wait_for_signal(std::chrono::nanoseconds timeout);

// What a traced thread is stopped by, which is not consumed; null: nothing. Cost: one call. Errors: gone (it
// is not traced by the calling thread, or has ended).
[[nodiscard]] Result<std::optional<StopEvent>> look_at_thread(pid_t tid);

// Keeps a stopped thread that is to stay so for a while from being reported again. Not for one that is about
// to receive a signal, which would be lost if corotrace were killed.
void consume_stop(pid_t tid);

// Lets a stopped thread go on as if nobody traced it: signals are delivered, group stops last. That it ended
// meanwhile is no error.
void pass_on(const StopEvent& event);

}  // namespace corotrace
