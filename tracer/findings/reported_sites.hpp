// SPDX-License-Identifier: MIT
// ReportedSites: what of a target's sites passes its filters, and how much that is. The filters decide what
// is reported, counted in sites and failed on; the proof of coverage is about all that was dropped.
#pragma once

#include <cstdint>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/site_filter.hpp"
#include "tracer/findings/summary.hpp"

namespace corotrace {

struct ReportedSites {
    std::vector<SiteCount> sites;
    std::uint64_t never_awaited = 0;
    std::uint64_t sampled = 0;  // of these
    LostTaskCounts lost_tasks;
    std::uint64_t left_out = 0;  // never-awaited coroutines and lost tasks at other sites
    std::uint64_t left_out_sites = 0;
};

[[nodiscard]] ReportedSites choose_reported(std::vector<SiteCount> sites, const SiteFilter& filter);

}  // namespace corotrace
