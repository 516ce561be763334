// SPDX-License-Identifier: MIT
#include "tracer/session/throttle_watch.hpp"

#include <unistd.h>

#include <cstdio>
#include <sstream>

#include "tracer/process/text_file.hpp"

namespace corotrace {

namespace {

std::string describe(double cores) {
    return std::to_string(static_cast<int>(cores * 1000 + 0.5)) + "m";
}

std::optional<RunDelay> read_run_delay() {
    const auto text = read_text_file("/proc/thread-self/schedstat");
    return text ? parse_run_delay(*text) : std::nullopt;
}

}  // namespace

std::optional<RunDelay> parse_run_delay(const std::string& text) {
    std::istringstream words(text);
    std::uint64_t run = 0;
    std::uint64_t waited = 0;
    RunDelay delay;
    if (!(words >> run >> waited >> delay.slices)) return std::nullopt;
    delay.waited = std::chrono::nanoseconds(waited);
    return delay;
}

ThrottleWatch::ThrottleWatch(const std::optional<CpuQuota>& quota) {
    if (!quota) return;
    before_ = quota->throttled;
    if (quota->cores && *quota->cores < kCoresAtLeast) {
        throttled_ = "corotrace's CPU limit is " + describe(*quota->cores) +
                     ": with it used up, a stopped thread would wait for the next period";
    }
}

ThrottleWatch::ThrottleWatch() : ThrottleWatch(read_cpu_quota(::getpid())) {}

void ThrottleWatch::look(Clock::time_point now) {
    if (now < next_) return;
    next_ = now + kLookEvery;
    note(now, throttled_ ? std::nullopt : read_cpu_quota(::getpid()), read_run_delay());
}

void ThrottleWatch::note(Clock::time_point now, const std::optional<CpuQuota>& quota,
                         const std::optional<RunDelay>& delay) {
    if (!throttled_ && quota && quota->throttled && quota->cores) {
        if (before_ && *quota->throttled > *before_) {
            throttled_ = "corotrace used up its CPU limit of " + describe(*quota->cores) +
                         ", and a stopped thread would have to wait for the next period";
        }
        before_ = quota->throttled;
    }
    if (!delay) return;
    if (delay_ && delay->slices > delay_->slices) {
        const auto each = (delay->waited - delay_->waited) / (delay->slices - delay_->slices);
        if (each > kWaitAtMost) {
            crowded_ = "corotrace had to wait for a processor for more than " +
                       std::to_string(kWaitAtMost.count()) + " ms each time";
            calm_since_ = now;
        } else if (now - calm_since_ >= kCalm) {
            crowded_.reset();
        }
    }
    delay_ = delay;
}

}  // namespace corotrace
