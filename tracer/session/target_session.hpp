// SPDX-License-Identifier: MIT
// TargetSession: one target, from planting to leaving, as a passive state machine. It drives no loop and
// waits for nothing: whoever traces hands it the events of its threads, its ticks and the wish to end, and
// asks what it found. What it does to the target goes through LiveTarget.
//
// A drop's way: take() gets the stop, the evidence is copied while the thread stands (TargetReader), the
// thread goes on, make_finding() judges the evidence, the ledger counts the finding, the report is told.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tracer/findings/run_report.hpp"
#include "tracer/findings/site_filter.hpp"
#include "tracer/findings/site_ledger.hpp"
#include "tracer/session/attach_options.hpp"
#include "tracer/session/counts_teller.hpp"
#include "tracer/session/end_reason.hpp"
#include "tracer/session/interpreter_watch.hpp"
#include "tracer/session/live_target.hpp"
#include "tracer/session/origin_policy.hpp"
#include "tracer/session/session_counts.hpp"
#include "tracer/session/session_end.hpp"
#include "tracer/session/session_tick.hpp"
#include "tracer/session/site_keys.hpp"
#include "tracer/session/stop_policy.hpp"
#include "tracer/session/tracing.hpp"

namespace corotrace {

class TargetSession {
public:
    using Clock = std::chrono::steady_clock;

    enum class Phase : std::uint8_t {
        kWatching,
        kDraining,  // leaving: nothing new is counted, what is under way passes
        kLeft,      // everything is put back; what is left is finish()
    };

    // The references, and what `target` refers to, must outlive it.
    TargetSession(const SessionSetup& setup, LiveTarget target, RunReport& report);

    // Seizes the threads and plants the probes. Errors: those of seizing and planting; nothing stays then.
    [[nodiscard]] Status begin(const ServeOthers& serve);

    // An event of one of its threads; resumes that thread.
    void take(const StopEvent& event);
    // Counters, budget, new threads. To be called when next_tick() has come.
    void tick(Clock::time_point now);
    [[nodiscard]] Clock::time_point next_tick() const { return next_tick_; }
    // Until which it lasts; null: no limit.
    [[nodiscard]] std::optional<Clock::time_point> deadline() const {
        return setup_.options.duration ? std::optional(started_ + *setup_.options.duration) : std::nullopt;
    }

    // Only the first reason counts.
    void end(EndReason reason) { ended_ = ended_.value_or(reason); }
    void end(EndReason reason, std::string note);
    // Something threw: it ends for that, whatever for else; probes are removed, nothing else is tried.
    void fail(std::string_view why);
    [[nodiscard]] bool is_ending() const { return ended_.has_value(); }
    // Nobody of it is traced any more.
    void end_with_target(EndReason reason = EndReason::kTargetExited);
    // Leaves step by step, once it is ending: to be called when no event waits, until phase() is kLeft.
    void step(Clock::time_point now, const ServeOthers& serve);
    [[nodiscard]] Phase phase() const { return phase_; }
    [[nodiscard]] bool has_drained_long_enough(Clock::time_point now) const { return now >= left_; }

    [[nodiscard]] Tracing& tracing() { return tracing_; }
    // See Tracing::is_to_change().
    [[nodiscard]] bool wants_new_tracer(Clock::time_point now) const {
        return !is_ending() && tracing_.is_to_change(now);
    }
    // On the next tracer thread, after Tracing::pause().
    void resume_tracing();

    [[nodiscard]] const TargetId& id() const { return setup_.id; }
    [[nodiscard]] bool owns(pid_t tid) const { return target_.threads.has(tid); }
    // A thread of the target that the kernel seized for us. False: it is of another process.
    [[nodiscard]] bool adopt(pid_t tid) { return target_.threads.adopt(tid); }
    // Whether its process is still there, without our having ended with it.
    [[nodiscard]] bool target_is_alive() const { return life_.alive; }
    [[nodiscard]] Progress progress(Clock::time_point now) const;

    // After phase kLeft: tells the report sites and totals; for want of memory, totals only.
    enum class Detail : std::uint8_t { kSites, kTotals };
    [[nodiscard]] SessionEnd finish(Detail detail = Detail::kSites);

private:
    void take_signal(const StopEvent& event);
    void take_drop(pid_t tid, const arch::Registers& registers, Clock::time_point noticed);
    void take_call(pid_t tid);
    void take_exiting(pid_t tid);
    void take_end_of(const StopEvent& event);
    void report(const DropEvidence& evidence);
    void find_end();
    void set_origin_depth(Clock::time_point now);
    [[nodiscard]] bool has_drained(Clock::time_point now);
    void leave(const ServeOthers& serve);
    void name_unseen(bool stops_may_come);
    void tick_closely(Clock::time_point now);
    [[nodiscard]] SessionFacts facts(EndReason reason) const {
        return {setup_, tally_, life_, counts_, interpreters_, tracing_.stops(), ledger_, reason};
    }

    SessionSetup setup_;
    LiveTarget target_;
    RunReport& report_;
    SiteFilter filter_;
    SiteLedger ledger_;
    SiteKeys keys_;
    OriginPolicy origins_;
    InterpreterWatch interpreters_;
    Tracing tracing_;
    SessionCounts counts_;
    SessionTally tally_;
    TargetLife life_;
    Phase phase_ = Phase::kWatching;
    std::optional<EndReason> ended_;
    Clock::time_point started_;
    Clock::time_point next_tick_;
    Clock::time_point left_;  // while draining: when that is given up
    std::vector<std::string> notes_;
    CountsTeller teller_;
    TickPace pace_;
};

}  // namespace corotrace
