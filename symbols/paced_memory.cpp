// SPDX-License-Identifier: MIT
#include "symbols/paced_memory.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace corotrace {

PacedMemory::PacedMemory(const RemoteMemory& under, Pace pace) : under_(under), pace_(std::move(pace)) {
    if (!pace_.clock) pace_.clock = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
    if (!pace_.sleep) pace_.sleep = [](std::chrono::nanoseconds time) { std::this_thread::sleep_for(time); };
    due_ = pace_.clock();
}

Status PacedMemory::read(RemoteAddr from, std::span<std::byte> into) const {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) return Error{Errc::timeout, 0, "reading was ended"};
    }
    auto done = under_.read(from, into);
    const std::lock_guard lock(mutex_);
    bytes_ += into.size();
    if (pace_.bytes_per_second > 0) keep_pace(into.size());
    if (pace_.goes_on && !ended_) ended_ = !pace_.goes_on(bytes_);
    return done;
}

void PacedMemory::keep_pace(std::uint64_t bytes) const {
    const double seconds = static_cast<double>(bytes) / static_cast<double>(pace_.bytes_per_second);
    const std::chrono::nanoseconds now = pace_.clock();
    due_ = std::max<std::chrono::nanoseconds>(due_, now - kBurst) +
           std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
    if (due_ - now >= kShortest) pace_.sleep(due_ - now);
}

}  // namespace corotrace
