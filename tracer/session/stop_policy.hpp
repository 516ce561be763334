// SPDX-License-Identifier: MIT
// StopPolicy: how many stops a session asks for, which rows get them, and whether some went astray.
// Pure: it is told what happened and says what to write.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "tracer/probes/stub_data.hpp"
#include "tracer/session/stop_budget.hpp"

namespace corotrace {

class StopPolicy {
public:
    using Clock = std::chrono::steady_clock;

    // `share` as in StopBudget. A muted one asks for no stop at all: the stub captures.
    StopPolicy(double share, bool muted) : budget_(share), muted_(muted) {}

    // The target must not be stopped from now on, or may be again.
    void mute(bool muted) { muted_ = muted; }
    [[nodiscard]] bool is_muted() const { return muted_; }

    // To be written into the stub now.
    [[nodiscard]] std::uint32_t initial_stops() const { return initial_stops(once_); }
    // `once`: of a row of which one drop tells enough. Where each may be examined, that does not matter.
    [[nodiscard]] std::uint32_t initial_stops(bool once) const {
        // A capture is counted as a stop.
        const std::uint32_t stops = muted_ ? 1 : budget_.initial_stops_per_row();
        return once && !budget_.is_unlimited() ? std::min(1U, stops) : stops;
    }
    // From now on.
    void look_once(bool once) { once_ = once; }
    [[nodiscard]] std::int64_t affordable() const { return muted_ ? 0 : budget_.affordable(); }

    // A stop was noticed, and its thread let go. If it came while the tracer was still at work on what was
    // before, it has waited for that, too. True: the stub's budget is to be written before the next tick.
    [[nodiscard]] bool on_stop(Clock::time_point noticed, Clock::time_point let_go);
    // The tracer begins to wait for an event, or had to wait for one.
    void on_work(Clock::time_point now) {
        if (now - rests_since_ > kAtOnce) works_since_ = now;
    }
    void on_rest(Clock::time_point now) { rests_since_ = now; }
    // Whether the stops follow each other so fast that the thread would only wait for us at the next one.
    [[nodiscard]] bool is_burst(Clock::time_point noticed) const {
        return was_waiting(noticed) || noticed - last_stop_ <= kBurst;
    }
    void earn(std::chrono::nanoseconds elapsed) { budget_.earn(elapsed); }

    struct Grant {
        std::size_t row = 0;
        std::uint32_t stops = 0;  // beyond the initial ones, in all
    };
    // For the rows that used up theirs and went on dropping since the last call. `rows` as read, the
    // overflow row last; what is granted is noted in them. `is_idle`: of this key nothing wants to be seen.
    [[nodiscard]] std::vector<Grant> share_out(std::vector<StubRow>& rows,
                                               const std::function<bool(std::uint64_t)>& is_idle);

    // A stop that was asked for and did not come is one of a thread that we do not trace yet. True: one more
    // since the last call is missing, or on its way.
    [[nodiscard]] bool is_alert(std::uint64_t attempts) const;
    // True: one is missing for sure. To be called once a tick.
    [[nodiscard]] bool lost_one(std::uint64_t attempts);

    [[nodiscard]] std::uint64_t stops() const { return stops_; }
    [[nodiscard]] std::chrono::microseconds pause_total() const;
    [[nodiscard]] std::chrono::microseconds pause_max() const;

private:
    static constexpr std::chrono::microseconds kBurst{500};
    // A stop that is noticed so soon after the tracer began to wait was there before.
    static constexpr std::chrono::microseconds kAtOnce{30};

    [[nodiscard]] bool was_waiting(Clock::time_point noticed) const {
        return noticed - rests_since_ <= kAtOnce;
    }

    StopBudget budget_;
    bool muted_;
    bool once_ = false;
    std::vector<std::uint64_t> counted_;  // of each row, when they were shared out last
    std::uint64_t attempts_before_ = 0;   // stops asked for, at the tick before
    std::uint64_t missed_ = 0;            // of these, given up
    std::uint64_t stops_ = 0;
    std::chrono::nanoseconds pause_total_{0};
    std::chrono::nanoseconds pause_max_{0};
    Clock::time_point last_stop_;    // noticed
    Clock::time_point last_let_go_;  // after a stop
    Clock::time_point works_since_ = Clock::now();
    Clock::time_point rests_since_;
};

}  // namespace corotrace
