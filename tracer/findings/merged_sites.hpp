// SPDX-License-Identifier: MIT
// MergedSites: the sites of many programs, those of one fingerprint put together, with their counts added.
// What it holds does not depend on the order in which it was told: of several findings that which was seen
// best is kept (best_evidence.hpp), with the time of the first. Memory grows with sites, up to a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/target_id.hpp"

namespace corotrace {

struct MergedSite {
    static constexpr std::size_t kMostPids = 1000;

    SiteCount site;
    std::set<pid_t> pids;  // of those that were told with their target, kMostPids at most
};

class MergedSites {
public:
    // More than anybody reads, in a report of a run.
    static constexpr std::size_t kMost = 5000;

    // No bound: for reports that have to list every site.
    MergedSites() = default;
    // Of more than `most` sites those that come last are only counted.
    explicit MergedSites(std::size_t most) : most_(most) {}

    void add(const SiteCount& site);
    void add(const TargetId& target, const std::vector<SiteCount>& sites);

    [[nodiscard]] std::size_t size() const { return sites_.size(); }
    // Sites that found no room, one told twice counted twice.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

    // By rising fingerprint.
    [[nodiscard]] std::vector<SiteCount> by_fingerprint() const;
    // By falling count, those that were not counted last; equal ones by fingerprint.
    [[nodiscard]] std::vector<MergedSite> by_count() const;

private:
    // nullptr: there is no room for it.
    MergedSite* put(const SiteCount& site);

    std::size_t most_ = std::numeric_limits<std::size_t>::max();
    std::map<std::string, MergedSite, std::less<>> sites_;  // by fingerprint
    std::uint64_t left_out_ = 0;
};

}  // namespace corotrace
