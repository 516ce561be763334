// SPDX-License-Identifier: MIT
// Supervisor: watches any number of targets at once, each by a TargetSession with options, an end and errors
// of its own. One thread, the tracer, traces them all: one pump over the threads of all targets, and the only
// one to tell the report. The calling thread meanwhile looks for processes that should join (Membership) and
// finds out about them, which takes some ms each and touches nothing.
//
// Nobody is stopped to be let go: tracing ends with the tracer thread. A target that is left while others go
// on is therefore let go by a change of the tracer thread, at most once a second: for some ms nobody traces,
// and no stop is asked for. The same brings in threads that have to be followed from their creation.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "symbols/result.hpp"
#include "tracer/findings/run_report.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/process/tracer_thread.hpp"
#include "tracer/session/membership.hpp"
#include "tracer/session/run_end.hpp"
#include "tracer/session/target_queue.hpp"
#include "tracer/session/throttle_watch.hpp"

namespace corotrace {

class TargetLoop;

class Supervisor {
public:
    // All references must outlive it. `duration`: of the run; null: until all have ended or it is told to
    // end.
    Supervisor(Membership& membership, RunReport& report, const StopRequest& stop,
               std::optional<std::chrono::milliseconds> duration)
        : membership_(membership), report_(report), stop_(stop), duration_(duration) {}

    // To be called once. Precondition: SIGINT, SIGTERM and SIGCHLD are blocked in all threads. Tells the
    // report all but its beginning and its end. Errors: those of attaching to an essential candidate, see
    // run_attach(); internal.
    [[nodiscard]] Result<RunEnd> run();

private:
    // `tracer`: to be woken for each that joins; null: none runs yet.
    [[nodiscard]] Status look(TracerThread* tracer);
    [[nodiscard]] Status prepare(const Candidate& candidate);
    void pass_news_on();
    [[nodiscard]] Status trace(TargetLoop& loop);
    [[nodiscard]] Status look_while_tracing(TracerThread& tracer);

    Membership& membership_;
    RunReport& report_;
    const StopRequest& stop_;
    std::optional<std::chrono::milliseconds> duration_;
    ThrottleWatch throttle_;  // from before the work of preparing
    TargetQueue queue_;
    std::unordered_map<pid_t, std::uint32_t> generations_;  // begun, of processes that may go on
};

}  // namespace corotrace
