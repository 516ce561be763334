// SPDX-License-Identifier: MIT
#include "tracer/findings/merged_sites.hpp"

#include <algorithm>

namespace corotrace {
namespace {

void merge(SiteCount& into, const SiteCount& other) {
    if (into.count && other.count) {
        *into.count += *other.count;
    } else {
        into.count.reset();
    }
    into.sampled += other.sampled;
    into.exact = into.exact && other.exact;
    const bool tells_more = other.first.created.how == CreationSource::kOrigin &&
                            into.first.created.how != CreationSource::kOrigin;
    if (tells_more) into.first.created = other.first.created;
}

}  // namespace

void MergedSites::add(const TargetId& target, const std::vector<SiteCount>& sites) {
    for (const SiteCount& site : sites) {
        const auto known = by_fingerprint_.find(site.first.fingerprint);
        if (known != by_fingerprint_.end()) {
            merge(sites_[known->second].site, site);
            sites_[known->second].pids.insert(target.pid);
        } else if (sites_.size() < kMost) {
            by_fingerprint_.emplace(site.first.fingerprint, sites_.size());
            sites_.push_back({.site = site, .pids = {target.pid}});
        } else {
            ++left_out_;
        }
    }
}

std::vector<MergedSite> MergedSites::sorted() const {
    auto sites = sites_;
    std::ranges::stable_sort(sites, std::ranges::greater{},
                             [](const MergedSite& merged) { return merged.site.count; });
    return sites;
}

}  // namespace corotrace
