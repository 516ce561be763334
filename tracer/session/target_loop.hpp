// SPDX-License-Identifier: MIT
// TargetLoop: the tracer's side of a Supervisor. Pumps the events of all targets, hands each to its session,
// ticks them, and sees them out. Runs on a tracer thread, or on several, one after the other.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "tracer/findings/run_totals.hpp"
#include "tracer/findings/stop_request.hpp"
#include "tracer/process/event_pump.hpp"
#include "tracer/session/membership.hpp"
#include "tracer/session/memory_reserve.hpp"
#include "tracer/session/run_end.hpp"
#include "tracer/session/target_queue.hpp"
#include "tracer/session/target_session.hpp"
#include "tracer/session/throttle_watch.hpp"

namespace corotrace {

class TargetLoop {
public:
    enum class Outcome : std::uint8_t { kOver, kNewTracer };

    // All references must outlive it. `deadline`: of the run.
    TargetLoop(TargetQueue& queue, Membership& membership, RunReport& report, const StopRequest& stop,
               const ThrottleWatch& throttle, std::optional<std::chrono::steady_clock::time_point> deadline);
    TargetLoop(const TargetLoop&) = delete;
    TargetLoop& operator=(const TargetLoop&) = delete;
    // Puts back what is left.
    ~TargetLoop();

    // On a tracer thread. After kNewTracer to be called again, on another one. What a session throws ends
    // that session only.
    [[nodiscard]] Outcome run();

    // No tracer thread could be had: all targets are put back, without being traced.
    void abandon(const Error& why);

    // Why the run failed: an essential target could not be attached to.
    [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }
    [[nodiscard]] RunEnd& end() { return end_; }

private:
    using Clock = std::chrono::steady_clock;

    struct Watched {
        Watched(JoiningTarget joining, RunReport& report)
            : process(std::move(joining.process)),
              is_essential(joining.is_essential),
              session(joining.setup, process->live(), report) {}

        std::unique_ptr<ProcessTarget> process;
        bool is_essential;
        bool has_begun = false;
        int failures = 0;  // exceptions
        Clock::time_point last_event;
        TargetSession session;  // last: it uses the process
    };

    void look_for_throttling(Clock::time_point now);
    void admit();
    void admit(JoiningTarget joining);
    void admit(const Candidate& held);
    [[nodiscard]] Result<EventPump::Wake> wait(std::chrono::nanoseconds limit);
    void pump(Clock::time_point now);
    void serve();
    void dispatch(const StopEvent& event);
    void tick_all(Clock::time_point now);
    void step_all(Clock::time_point now);
    void see_out();
    void finish(Watched& one, SessionEnd end);
    void end_all(EndReason reason);
    void check_end(Clock::time_point now);
    [[nodiscard]] bool is_over();
    [[nodiscard]] bool wants_new_tracer(Clock::time_point now) const;
    void hold(Clock::time_point until);
    void prepare_new_tracer();
    void tell_progress(Clock::time_point now);
    [[nodiscard]] Clock::duration time_to_wait(Clock::time_point now) const;
    [[nodiscard]] std::vector<const std::unordered_set<pid_t>*> traced() const;
    // Runs a step of a session; what it throws ends that session. Whether it came to its end.
    bool guard(Watched& one, const std::function<void()>& step) noexcept;

    TargetQueue& queue_;
    Membership& membership_;
    RunReport& report_;
    const StopRequest& stop_;
    std::optional<Clock::time_point> deadline_;
    ThrottleWatch throttle_;
    MemoryReserve reserve_;
    std::optional<EventPump> pump_;
    std::vector<std::unique_ptr<Watched>> targets_;
    std::optional<EndReason> ended_;  // the run
    std::optional<Error> failed_;
    RunEnd end_;  // without its total
    RunTotals totals_;
    Clock::time_point started_ = Clock::now();
    std::optional<Clock::time_point> hold_until_;  // some are traced though no targets any more: till then
    Clock::time_point new_tracer_at_;              // not before
    Clock::time_point next_progress_;
    std::uint64_t told_ = 0;  // drops, by the last progress
};

}  // namespace corotrace
