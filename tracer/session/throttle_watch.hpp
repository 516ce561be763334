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

namespace corotrace {

// Of the calling thread, as /proc/thread-self/schedstat has it.
struct RunDelay {
    std::chrono::nanoseconds waited{0};  // runnable, without a processor
    std::uint64_t slices = 0;            // how often it got one
};

class ThrottleWatch {
public:
    using Clock = std::chrono::steady_clock;
    // A limit below is used up by a handful of stops.
    static constexpr double kCoresAtLeast = 0.25;
    // A thread that waits longer than this each time it wants to run is too slow a tracer.
    static constexpr std::chrono::milliseconds kWaitAtMost{10};
    static constexpr std::chrono::milliseconds kLookEvery{100};
    // Crowded until it was not for so long.
    static constexpr std::chrono::seconds kCalm{5};

    // What was so before is not held against it.
    explicit ThrottleWatch(const std::optional<CpuQuota>& quota);
    // Of this process.
    ThrottleWatch();

    // To be called on the thread that traces. Cost: four small reads, once in kLookEvery.
    void look(Clock::time_point now);
    // The same with what was read.
    void note(Clock::time_point now, const std::optional<CpuQuota>& quota,
              const std::optional<RunDelay>& delay);
    // Another thread traces from now on.
    void on_new_thread() { delay_.reset(); }

    // Why stops are dangerous, for good; null: they are not.
    [[nodiscard]] const std::optional<std::string>& throttled() const { return throttled_; }
    // And just now.
    [[nodiscard]] const std::optional<std::string>& crowded() const { return crowded_; }

private:
    std::optional<std::uint64_t> before_;  // periods in which it was throttled
    std::optional<RunDelay> delay_;
    std::optional<std::string> throttled_;
    std::optional<std::string> crowded_;
    Clock::time_point calm_since_;
    Clock::time_point next_;
};

// "TEXT" of schedstat: nanoseconds run, nanoseconds waited, slices. Null: it is not that.
[[nodiscard]] std::optional<RunDelay> parse_run_delay(const std::string& text);

}  // namespace corotrace
