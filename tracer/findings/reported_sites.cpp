// SPDX-License-Identifier: MIT
#include "tracer/findings/reported_sites.hpp"

#include <utility>

namespace corotrace {
namespace {

void count(ReportedSites& reported, const SiteCount& site) {
    const std::uint64_t drops = site.count.value_or(0);
    if (!is_lost_task(site.first.kind)) {
        reported.never_awaited += drops;
        reported.sampled += site.sampled;
    } else if (site.first.kind == FindingKind::kTaskDestroyedPending) {
        reported.lost_tasks.destroyed_pending += drops;
    } else {
        reported.lost_tasks.exception_never_retrieved += drops;
    }
}

}  // namespace

ReportedSites choose_reported(std::vector<SiteCount> sites, const SiteFilter& filter) {
    ReportedSites reported;
    for (SiteCount& site : sites) {
        if (!filter.accepts(site.first)) {
            reported.left_out += site.count.value_or(0);
            ++reported.left_out_sites;
            continue;
        }
        count(reported, site);
        reported.sites.push_back(std::move(site));
    }
    return reported;
}

}  // namespace corotrace
