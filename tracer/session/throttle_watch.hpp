// SPDX-License-Identifier: MIT
// ThrottleWatch: whether corotrace itself gets to run when it has to. A thread that is stopped waits until
// then: with a used-up CPU limit until the next period, and on a crowded machine until the scheduler comes
// round.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tracer/process/cpu_quota.hpp"
#include "tracer/process/procfs.hpp"

namespace corotrace {

class ThrottleWatch {
public:
    using Clock = std::chrono::steady_clock;
    // A thread that waits longer than this each time it wants to run is too slow a tracer.
    static constexpr std::chrono::milliseconds kWaitAtMost{10};
    static constexpr std::chrono::milliseconds kLookEvery{100};
    static constexpr std::chrono::milliseconds kLookAtRest{1000};
    // Crowded until it was not for so long.
    static constexpr std::chrono::seconds kCalm{5};

    // What was so before is not held against it.
    explicit ThrottleWatch(const std::optional<CpuQuota>& quota);
    // Of this process.
    ThrottleWatch();

    // To be called on the thread that traces. `rests`: it traces nobody. False: nothing new is known. Cost:
    // four small reads, once in kLookEvery, or in kLookAtRest.
    bool look(Clock::time_point now, bool rests = false);
    // The same with what was read.
    void note(Clock::time_point now, const std::optional<CpuQuota>& quota,
              const std::optional<RunTimes>& times);
    // Another thread traces from now on.
    void on_new_thread() { times_.reset(); }

    // Why stops are dangerous, for good; null: they are not.
    [[nodiscard]] const std::optional<std::string>& throttled() const { return throttled_; }
    // And just now.
    [[nodiscard]] const std::optional<std::string>& crowded() const { return crowded_; }

private:
    std::optional<std::uint64_t> before_;  // periods in which it was throttled
    std::optional<RunTimes> times_;
    std::optional<std::string> throttled_;
    std::optional<std::string> crowded_;
    Clock::time_point calm_since_;
    Clock::time_point next_;
    bool rested_ = false;
};

}  // namespace corotrace
