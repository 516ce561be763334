// SPDX-License-Identifier: MIT
// ScanPace: when all of /proc is looked through for processes that are new. Pure.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace corotrace {

class ScanPace {
public:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kBesides{10};  // if there is another sign of new ones
    static constexpr int kShare = 200;                   // scans take at most one part in so many of the time

    // `has_news`: the kernel tells of new processes (ProcessEvents).
    explicit ScanPace(bool has_news) : has_news_(has_news) {}

    // `newest`: see NewestPid; null: not known.
    [[nodiscard]] bool is_due(Clock::time_point now, std::optional<pid_t> newest) {
        if (now < earliest_) return false;
        if (has_news_ || !newest || now >= latest_) return true;
        // It has its id before it can be seen: what came with the last change may be there only now.
        const bool changed = newest != std::exchange(newest_, newest);
        return std::exchange(has_changed_, changed) || changed;
    }
    void on_done(Clock::time_point began, Clock::duration took) {
        latest_ = began + std::max<Clock::duration>(kBesides, kShare * took);
        earliest_ = has_news_ ? latest_ : began + kShare * took;
    }
    // Some news did not arrive.
    void hurry() { earliest_ = {}; }

    // Nothing is due before, whatever happens but hurry().
    [[nodiscard]] Clock::time_point earliest() const { return earliest_; }

private:
    bool has_news_;
    Clock::time_point earliest_;
    Clock::time_point latest_;
    std::optional<pid_t> newest_;
    bool has_changed_ = false;
};

}  // namespace corotrace
