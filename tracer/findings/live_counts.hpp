// SPDX-License-Identifier: MIT
// LiveCounts: what a run that goes on for months has counted up to now, over targets that live and those that
// have ended. Told as a report on one thread, read by a copy on any other, which takes some microseconds and
// waits for nothing. No count ever falls: where an estimate does, it is shown anew when it is as large again.
// Memory is bounded: of more than kMostSites sites those that come last are counted together.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tracer/findings/run_report.hpp"

namespace corotrace {

struct LiveSite {
    // With what its best seen drop tells up to now (best_evidence.hpp). Shared by all copies; never changed:
    // a better one takes its place.
    std::shared_ptr<const Finding> first;
    std::uint64_t count = 0;
    bool exact = true;  // else an estimate
    // Of all its processes; null: none seen. Shared like `first`.
    std::shared_ptr<const Creators> creators{};
};

struct LiveSnapshot {
    std::uint64_t watched = 0;  // targets now
    std::uint64_t began = 0;    // targets, ever
    std::uint64_t ended = 0;
    std::uint64_t never_awaited = 0;
    LostTaskCounts lost_tasks;
    std::uint64_t stops = 0;
    std::chrono::microseconds pause_total{0};
    std::vector<LiveSite> sites;                      // in the order in which they came
    std::uint64_t other_drops = 0;                    // at sites that found no room
    std::chrono::steady_clock::time_point counted;    // when counts came last
    std::chrono::steady_clock::time_point last_sign;  // of the tracer
};

class LiveCounts final : public RunReport {
public:
    static constexpr std::size_t kMostSites = 1000;

    explicit LiveCounts(std::size_t most_sites = kMostSites) : most_sites_(most_sites) {}

    void on_begin(const RunFacts& facts) override;
    void on_attached(const TargetId& target, const AttachedFacts& facts) override;
    void on_finding(const TargetId& target, const Finding& finding) override;
    void on_counts(const TargetId& target, const std::vector<SiteCount>& sites,
                   const Summary& summary) override;
    void on_progress(const Progress& progress) override;
    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override;
    void on_end(const RunSummary& summary) override;

    [[nodiscard]] LiveSnapshot snapshot() const;

private:
    struct Target {
        std::map<std::size_t, std::uint64_t> sites;  // by index
        std::uint64_t others = 0;
        std::uint64_t never_awaited = 0;
        LostTaskCounts lost_tasks;
        std::uint64_t stops = 0;
        std::chrono::microseconds pause_total{0};
    };

    // The index of the site; most_sites_: it finds no room.
    [[nodiscard]] std::size_t find_site(const Finding& finding);
    void count(std::size_t site, Target& target, std::uint64_t now);
    void update(Target& target, const std::vector<SiteCount>& sites, const Summary& summary, bool is_last);

    const std::size_t most_sites_;
    mutable std::mutex mutex_;  // guards what follows
    std::map<TargetId, Target> targets_;
    std::map<std::string, std::size_t, std::less<>> indices_;  // by fingerprint
    std::vector<std::uint64_t> sums_;  // of the sites in now_, over all targets, by what these told last
    LiveSnapshot now_;
};

}  // namespace corotrace
