// SPDX-License-Identifier: MIT
#include "tracer/findings/summed_sites.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

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
    sum.sampled = add_capped(sum.sampled, other.sampled);
    if (!other.count) return;
    sum.count = add_capped(sum.count.value_or(0), *other.count);
}

auto age(const Finding& finding) {
    return std::tuple(finding.time, finding.pid, finding.tid.value_or(0));
}

}  // namespace

void SummedSites::add(const SiteCount& site) {
    const auto [entry, inserted] = sites_.try_emplace(site.first.fingerprint, site);
    if (inserted) return;
    add_counts(entry->second, site);
    if (age(site.first) < age(entry->second.first)) entry->second.first = site.first;
}

std::vector<SiteCount> SummedSites::by_fingerprint() const {
    std::vector<SiteCount> sites;
    sites.reserve(sites_.size());
    for (const auto& [fingerprint, site] : sites_) sites.push_back(site);
    return sites;
}

std::vector<SiteCount> SummedSites::by_count() const {
    std::vector<SiteCount> sites = by_fingerprint();
    std::stable_sort(sites.begin(), sites.end(),
                     [](const SiteCount& a, const SiteCount& b) { return a.count > b.count; });
    return sites;
}

}  // namespace corotrace
