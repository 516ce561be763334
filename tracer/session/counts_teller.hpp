// SPDX-License-Identifier: MIT
// CountsTeller: when a report is told what a target that goes on has counted (RunReport::on_counts): where
// something was counted since, and so that the copies of sites that it takes are at most one part in a
// hundred of the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "tracer/findings/run_report.hpp"
#include "tracer/session/session_end.hpp"

namespace corotrace {

class CountsTeller {
public:
    using Clock = std::chrono::steady_clock;

    // The other arguments as of find_reported().
    void tell_if_due(Clock::time_point now, RunReport& report, const SessionFacts& facts,
                     const SiteFilter& filter, const std::string& unseen_why) {
        if (now < next_ || count(facts.counts.counters()) == told_) return;
        const auto began = Clock::now();
        const auto reported = find_reported(facts, filter, unseen_why);
        report.on_counts(facts.setup.id, reported.sites, make_summary(facts, reported, {}));
        const auto ended = Clock::now();
        next_ = ended + std::max<Clock::duration>(kAtMostEvery, kShare * (ended - began));
        told_ = count(facts.counts.counters());
    }

private:
    static constexpr std::chrono::seconds kAtMostEvery{1};
    static constexpr int kShare = 100;

    [[nodiscard]] static std::uint64_t count(const StubCounters& counters) {
        return counters.never_awaited() + counters.handled;
    }

    Clock::time_point next_;
    std::uint64_t told_ = 0;
};

}  // namespace corotrace
