// SPDX-License-Identifier: MIT
// TopRates: how fast each site drops now, from what LiveCounts tells now and then. Pure: time is an argument.
// Memory is bounded by the sites of LiveCounts and some samples a second of kWindow.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "tracer/findings/live_counts.hpp"

namespace corotrace {

struct TopSite {
    std::shared_ptr<const Finding> first;
    std::uint64_t count = 0;  // since the beginning
    bool exact = true;
    double per_second = 0.0;                     // over the last TopRates::kWindow
    std::shared_ptr<const Creators> creators{};  // null: none seen
};

// What a live view shows, at one moment.
struct TopCounts {
    std::chrono::milliseconds elapsed{0};
    std::uint64_t watched = 0;  // processes
    std::uint64_t never_awaited = 0;
    double per_second = 0.0;
    LostTaskCounts lost_tasks;
    std::uint64_t stops = 0;
    std::chrono::microseconds pause_total{0};
    std::uint64_t other_drops = 0;  // at sites that found no room
    std::vector<TopSite> sites;     // in the order in which they came
};

class TopRates {
public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::seconds kWindow{5};
    // A target that drops nothing tells nothing: so much later that counts as no drop.
    static constexpr std::chrono::seconds kSilence{2};

    // `counts` of `now`, which never goes back. Rates are those between two times at which counts came, so
    // that they do not waver with the time at which somebody looks; of less than a second as of one.
    [[nodiscard]] TopCounts add(const LiveSnapshot& counts, Clock::time_point now);

private:
    struct Sample {
        Clock::time_point time;
        std::uint64_t never_awaited = 0;
        std::vector<std::uint64_t> sites;
    };

    void keep(const LiveSnapshot& counts, Clock::time_point time);

    Clock::time_point began_;
    std::deque<Sample> samples_;  // the first is the last one from before the window
};

}  // namespace corotrace
