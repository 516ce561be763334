// SPDX-License-Identifier: MIT
// CountsTeller: when a report is told what a target that goes on has counted (RunReport::on_counts): where
// something was counted since, or became known of what had been, and so that the copies of sites that it
// takes are at most one part in a hundred of the time.
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
        const Known known = what_is_known(facts);
        if (now < next_ || known == told_) return;
        const auto began = Clock::now();
        const auto reported = find_reported(facts, filter, unseen_why);
        report.on_counts(facts.setup.id, reported.sites, make_summary(facts, reported, {}));
        const auto ended = Clock::now();
        next_ = ended + std::max<Clock::duration>(kAtMostEvery, kShare * (ended - began));
        told_ = known;
    }

private:
    static constexpr std::chrono::seconds kAtMostEvery{1};
    static constexpr int kShare = 100;

    // A place may be named after its last drop was counted.
    struct Known {
        std::uint64_t counted = 0;
        std::uint64_t in_rows = 0;
        std::size_t rows = 0;   // of the ledger
        std::size_t names = 0;  // of other rows
        std::uint64_t sampled = 0;
        friend bool operator==(const Known&, const Known&) = default;
    };
    [[nodiscard]] static Known what_is_known(const SessionFacts& facts) {
        return {.counted = facts.counts.counters().all(),
                .in_rows = facts.counts.in_rows(),
                .rows = facts.ledger.row_count(),
                .names = facts.counts.name_count(),
                .sampled = facts.ledger.sampled()};
    }

    Clock::time_point next_;
    Known told_;
};

}  // namespace corotrace
