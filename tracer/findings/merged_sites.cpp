// SPDX-License-Identifier: MIT
#include "tracer/findings/merged_sites.hpp"

#include <algorithm>

#include "tracer/findings/best_evidence.hpp"
#include "tracer/findings/creators.hpp"

namespace corotrace {
namespace {

// Counts come from files too, where any number may stand.
std::uint64_t add_capped(std::uint64_t a, std::uint64_t b) {
    return a > std::numeric_limits<std::uint64_t>::max() - b ? std::numeric_limits<std::uint64_t>::max()
                                                             : a + b;
}

// What one of both did not count is missing in the sum.
void add_counts(SiteCount& sum, const SiteCount& other) {
    sum.exact = sum.exact && other.exact && sum.count.has_value() == other.count.has_value();
    sum.folded = add_capped(sum.folded, other.folded);
    sum.sampled = add_capped(sum.sampled, other.sampled);
    if (!other.count) return;
    sum.count = add_capped(sum.count.value_or(0), *other.count);
}

void merge(SiteCount& sum, const SiteCount& other) {
    add_counts(sum, other);
    learn_drop(sum.first, other.first);
    learn_created(sum.first, other.first);
    add_creators(sum.creators, other.creators);
}

}  // namespace

MergedSite* MergedSites::put(const SiteCount& site) {
    const auto known = sites_.find(site.first.fingerprint);
    if (known != sites_.end()) {
        merge(known->second.site, site);
        return &known->second;
    }
    if (sites_.size() >= most_) {
        ++left_out_;
        return nullptr;
    }
    return &sites_.emplace(site.first.fingerprint, MergedSite{site, {}}).first->second;
}

void MergedSites::add(const SiteCount& site) {
    static_cast<void>(put(site));
}

void MergedSites::add(const TargetId& target, const std::vector<SiteCount>& sites) {
    for (const SiteCount& site : sites) {
        MergedSite* const merged = put(site);
        if (merged != nullptr && merged->pids.size() < MergedSite::kMostPids) merged->pids.insert(target.pid);
    }
}

std::vector<SiteCount> MergedSites::by_fingerprint() const {
    std::vector<SiteCount> sites;
    sites.reserve(sites_.size());
    for (const auto& [fingerprint, merged] : sites_) sites.push_back(merged.site);
    return sites;
}

std::vector<MergedSite> MergedSites::by_count() const {
    std::vector<MergedSite> sites;
    sites.reserve(sites_.size());
    for (const auto& [fingerprint, merged] : sites_) sites.push_back(merged);
    std::ranges::stable_sort(sites, std::ranges::greater{},
                             [](const MergedSite& merged) { return merged.site.count; });
    return sites;
}

}  // namespace corotrace
