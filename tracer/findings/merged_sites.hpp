// SPDX-License-Identifier: MIT
// MergedSites: the sites of a run, those of several targets put together by fingerprint. Memory is bounded:
// of more than kMost sites those that come last are only counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/target_id.hpp"

namespace corotrace {

struct MergedSite {
    SiteCount site;
    std::set<pid_t> pids;
};

class MergedSites {
public:
    static constexpr std::size_t kMost = 5000;

    void add(const TargetId& target, const std::vector<SiteCount>& sites);

    // Most drops first.
    [[nodiscard]] std::vector<MergedSite> sorted() const;
    // Sites that found no room.
    [[nodiscard]] std::uint64_t left_out() const { return left_out_; }

private:
    std::vector<MergedSite> sites_;
    std::unordered_map<std::string, std::size_t> by_fingerprint_;
    std::uint64_t left_out_ = 0;
};

}  // namespace corotrace
