// SPDX-License-Identifier: MIT
#include "tracer/session/throttle_watch.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace corotrace {

ThrottleWatch::ThrottleWatch(const std::optional<CpuQuota>& quota) {
    if (!quota) return;
    before_ = quota->throttled;
    if (quota->cores && *quota->cores < kFewCores) {
        throttled_ = "corotrace's CPU limit is " + describe_cores(*quota->cores) +
                     ": with it used up, a stopped thread would wait for the next period";
    }
}

ThrottleWatch::ThrottleWatch() : ThrottleWatch(read_cpu_quota(::getpid())) {}

bool ThrottleWatch::look(Clock::time_point now, bool rests) {
    const bool is_woken = std::exchange(rested_, rests) && !rests;
    if (now < next_ && !is_woken) return false;
    next_ = now + (rests ? kLookAtRest : kLookEvery);
    const auto times = read_run_times(::getpid(), static_cast<pid_t>(::syscall(SYS_gettid)));
    note(now, throttled_ ? std::nullopt : read_cpu_quota(::getpid()),
         times ? std::optional(*times) : std::nullopt);
    return true;
}

void ThrottleWatch::note(Clock::time_point now, const std::optional<CpuQuota>& quota,
                         const std::optional<RunTimes>& times) {
    if (!throttled_ && quota && quota->throttled && quota->cores) {
        if (before_ && *quota->throttled > *before_) {
            throttled_ = "corotrace used up its CPU limit of " + describe_cores(*quota->cores) +
                         ", and a stopped thread would have to wait for the next period";
        }
        before_ = quota->throttled;
    }
    if (!times) return;
    if (times_ && times->slices > times_->slices) {
        const auto each = (times->waited - times_->waited) / (times->slices - times_->slices);
        if (each > kWaitAtMost) {
            crowded_ = "corotrace had to wait for a processor for more than " +
                       std::to_string(kWaitAtMost.count()) + " ms each time";
            calm_since_ = now;
        } else if (now - calm_since_ >= kCalm) {
            crowded_.reset();
        }
    }
    times_ = times;
}

}  // namespace corotrace
