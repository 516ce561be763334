// SPDX-License-Identifier: MIT
// Tracing: who of a target is traced, and when. It seizes the threads and those that come later, lets the
// target go and comes back as Hold says, and meanwhile shows by a beat in the stub's block that the target is
// watched, for then no tracer keeps others away.
//
// Seizing stops nobody. Letting go is done by the end of the tracer thread: is_to_change() asks for it,
// pause() comes before and resume() after, on the next one.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tracer/session/exec_watch.hpp"
#include "tracer/session/hold.hpp"
#include "tracer/session/live_target.hpp"
#include "tracer/session/stop_permit.hpp"
#include "tracer/session/stop_policy.hpp"

namespace corotrace {

class Tracing {
public:
    using Clock = Hold::Clock;

    // `follows`: threads are seized at their creation from the beginning, whatever that costs them.
    Tracing(LiveTarget target, const Hold& hold, StopPermit permit, StopPolicy stops, bool follows)
        : target_(target),
          exec_(target),
          hold_(hold),
          permit_(std::move(permit)),
          stops_(std::move(stops)),
          follows_(follows) {}

    // Errors: those of seizing.
    [[nodiscard]] Status begin();
    [[nodiscard]] bool is_on() const { return on_since_.has_value(); }
    [[nodiscard]] const Hold& hold() const { return hold_; }
    [[nodiscard]] Hold& hold() { return hold_; }
    [[nodiscard]] const StopPolicy& stops() const { return stops_; }
    [[nodiscard]] StopPolicy& stops() { return stops_; }
    [[nodiscard]] ExecWatch& exec() { return exec_; }
    // Of a place that the stub captured a stop may tell more.
    [[nodiscard]] bool stops_may_come() const { return !permit_.why_not() && (is_on() || hold_.may_come()); }
    // Stops are dangerous from now on: drops are captured, unless that is not wanted.
    void give_up(const std::string& why);
    // And for the time being; null: no longer.
    void suspend(const std::optional<std::string>& why);

    // To be called at each tick: new threads, new sandboxes, coming back, the beat. `attempts`: stops that
    // the stub has asked for. True: one is missing, or on its way, and the next tick is to come soon.
    [[nodiscard]] bool tick(Clock::time_point now, std::uint64_t attempts);

    // After a stop. If this is the thread's core it goes first, for what is left to do takes longer than the
    // stop did. Not by yielding: on a busy core that may keep the next one waiting for some ms.
    void let_run(Clock::time_point noticed) const {
        if (!stops_.is_burst(noticed)) std::this_thread::sleep_for(kLetItRun);
    }

    // A sign for other corotraces that it is watched though nobody is traced.
    void beat();

    // Another tracer thread is wanted: to follow threads, or to trace nobody.
    [[nodiscard]] bool is_to_change(Clock::time_point now) const {
        return is_on() && (wants_to_follow_ || !hold_.wants(now));
    }
    // Before the tracer thread ends: from now on nobody is there to stop for.
    void pause();
    // On the next one. Errors: gone (the target ended), denied.
    [[nodiscard]] Status resume(Clock::time_point now);

    // What to say of a drop that was not examined.
    [[nodiscard]] std::string unseen_why() const;
    // For the summary.
    [[nodiscard]] std::vector<std::string> notes(Clock::time_point now) const;

private:
    // As long as a thread takes from a stop at a new place until it is through with the drop.
    static constexpr std::chrono::microseconds kLetItRun{60};

    [[nodiscard]] SeizeOption option() const {
        return follows_ ? SeizeOption::kFollowThreads : SeizeOption::kNone;
    }
    [[nodiscard]] Status seize(Clock::time_point now);
    void come_back(Clock::time_point now);
    void apply_stops();

    LiveTarget target_;
    ExecWatch exec_;
    Hold hold_;
    StopPermit permit_;
    StopPolicy stops_;
    std::vector<std::string> notes_;
    bool follows_;
    bool wants_to_follow_ = false;
    bool was_off_ = false;
    unsigned threads_ = 0;  // as counted last
    std::uint32_t beat_ = 0;
    Clock::time_point began_ = Clock::now();
    std::optional<Clock::time_point> on_since_;
    Clock::duration was_on_{};
};

}  // namespace corotrace
