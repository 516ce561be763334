// SPDX-License-Identifier: MIT
#include "tracer/findings/live_counts.hpp"

#include <algorithm>

namespace corotrace {

namespace {

// `sum` has seen `before` of it already. What an estimate takes back later stays counted.
template <typename T>
void raise(T& sum, T& before, T now) {
    if (now <= before) return;
    sum += now - before;
    before = now;
}

}  // namespace

void LiveCounts::on_begin(const RunFacts& /*facts*/) {
    const std::lock_guard lock(mutex_);
    now_.last_sign = std::chrono::steady_clock::now();
}

void LiveCounts::on_attached(const TargetId& target, const AttachedFacts& /*facts*/) {
    const std::lock_guard lock(mutex_);
    targets_.try_emplace(target);
    ++now_.began;
    now_.watched = targets_.size();
}

std::size_t LiveCounts::find_site(const Finding& finding) {
    const auto found = indices_.find(finding.fingerprint);
    if (found != indices_.end()) return found->second;
    if (now_.sites.size() >= most_sites_) return most_sites_;
    now_.sites.push_back({.first = std::make_shared<const Finding>(finding), .count = 0});
    return indices_.emplace(finding.fingerprint, now_.sites.size() - 1).first->second;
}

// At once: its counts may come seconds later.
void LiveCounts::on_finding(const TargetId& target, const Finding& finding) {
    const std::lock_guard lock(mutex_);
    const auto found = targets_.find(target);
    if (found == targets_.end()) return;
    const std::size_t site = find_site(finding);
    if (site == most_sites_) return;
    raise(now_.sites[site].count, found->second.sites[site], finding.count.value_or(0));
}

void LiveCounts::on_counts(const TargetId& target, const std::vector<SiteCount>& sites,
                           const Summary& summary) {
    const std::lock_guard lock(mutex_);
    const auto found = targets_.find(target);
    if (found != targets_.end()) update(found->second, sites, summary);
}

void LiveCounts::update(Target& target, const std::vector<SiteCount>& sites, const Summary& summary) {
    std::uint64_t others = 0;
    for (const SiteCount& one : sites) {
        const std::size_t site = find_site(one.first);
        if (site == most_sites_)
            others += one.count.value_or(0);
        else
            raise(now_.sites[site].count, target.sites[site], one.count.value_or(0));
    }
    raise(now_.other_drops, target.others, others);
    raise(now_.never_awaited, target.never_awaited, summary.never_awaited.value_or(0));
    const LostTaskCounts lost = summary.lost_tasks.value_or(LostTaskCounts{});
    raise(now_.lost_tasks.destroyed_pending, target.lost_tasks.destroyed_pending, lost.destroyed_pending);
    raise(now_.lost_tasks.exception_never_retrieved, target.lost_tasks.exception_never_retrieved,
          lost.exception_never_retrieved);
    raise(now_.stops, target.stops, summary.stops);
    raise(now_.pause_total, target.pause_total, summary.pause_total);
}

void LiveCounts::on_progress(const Progress& /*progress*/) {
    const std::lock_guard lock(mutex_);
    now_.last_sign = std::chrono::steady_clock::now();
}

void LiveCounts::on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                               const Summary& summary) {
    const std::lock_guard lock(mutex_);
    const auto found = targets_.find(target);
    if (found == targets_.end()) return;
    update(found->second, sites, summary);
    targets_.erase(found);
    ++now_.ended;
    now_.watched = targets_.size();
}

void LiveCounts::on_end(const RunSummary& /*summary*/) {}

LiveSnapshot LiveCounts::snapshot() const {
    const std::lock_guard lock(mutex_);
    return now_;
}

}  // namespace corotrace
