// SPDX-License-Identifier: MIT
// StopBudget: how many stops the target may be asked for, such that all of them together stay below a share
// of the time that passes. Drops beyond the budget cost nothing: the stub counts them without a stop.
#pragma once

#include <chrono>
#include <cstdint>

namespace corotrace {

class StopBudget {
public:
    using Duration = std::chrono::nanoseconds;

    // Without a limit stops are granted in portions of so many, each before the one before is used up: what
    // is granted when corotrace is killed stays granted, and each is a signal then.
    static constexpr std::int64_t kPortion = 1024;

    // `share` of wall time, 0 to 1; from 1 on there is no limit.
    explicit StopBudget(double share) : share_(share) {}

    [[nodiscard]] bool is_unlimited() const { return share_ >= 1.0; }
    // Stops that a coroutine function may take before it has to be granted more.
    [[nodiscard]] std::uint32_t initial_stops_per_row() const;

    // Time passed: earns `share` of it.
    void earn(Duration elapsed);
    // A stop was made, `pause` from when we noticed it to when the thread was let go.
    void spend(Duration pause);
    // Stops that can be paid for now. Never endless; negative: so many were taken beyond that.
    [[nodiscard]] std::int64_t affordable() const;

private:
    double share_;
    Duration credit_ = kMaxCredit;
    Duration cost_ = kFirstCost;  // of one stop, moving average

    // What a quiet time can save up: bounds the longest burst.
    static constexpr Duration kMaxCredit = std::chrono::milliseconds(20);
    // A guess until there is a measurement: a first report reads code that is not cached yet.
    static constexpr Duration kFirstCost = std::chrono::microseconds(400);
    // Stopping and waking the thread, which we cannot see: two switches between cores.
    static constexpr Duration kHiddenCost = std::chrono::microseconds(50);
};

}  // namespace corotrace
