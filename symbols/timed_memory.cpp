// SPDX-License-Identifier: MIT
#include "symbols/timed_memory.hpp"

#include <ctime>

namespace corotrace {

namespace {

constexpr unsigned kReadsBetweenLooks = 16;

// What is done at a stop takes several times as long with a sanitizer, and some times without optimization.
#if defined(__SANITIZE_ADDRESS__)
#define COROTRACE_SLOWNESS 10
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COROTRACE_SLOWNESS 10
#endif
#endif
#if !defined(COROTRACE_SLOWNESS) && !defined(NDEBUG)
#define COROTRACE_SLOWNESS 3
#elif !defined(COROTRACE_SLOWNESS)
#define COROTRACE_SLOWNESS 1
#endif
constexpr int kSlowness = COROTRACE_SLOWNESS;

}  // namespace

std::chrono::nanoseconds TimedMemory::read_own_time() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::chrono::nanoseconds TimedMemory::read_steady_time() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

void TimedMemory::allow(std::chrono::nanoseconds time) {
    allow_exactly(time * kSlowness);
    at_least_ = kReadsAtLeast;
}

void TimedMemory::allow_exactly(std::chrono::nanoseconds time) {
    end_ = clock_() + time;
    at_least_ = 0;
    reads_ = 0;
    over_ = false;
}

Status TimedMemory::read(RemoteAddr from, std::span<std::byte> into) const {
    const bool is_bounded = end_ != std::chrono::nanoseconds::max();
    if (!over_.load(std::memory_order_relaxed) && is_bounded) {
        const unsigned reads = reads_.load(std::memory_order_relaxed);
        reads_.store(reads + 1, std::memory_order_relaxed);
        if (reads >= at_least_ && reads % kReadsBetweenLooks == 0)
            over_.store(clock_() >= end_, std::memory_order_relaxed);
    }
    if (over_.load(std::memory_order_relaxed)) return Error{Errc::timeout, 0, "the time for reading is over"};
    return under_.read(from, into);
}

}  // namespace corotrace
