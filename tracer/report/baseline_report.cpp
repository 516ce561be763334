// SPDX-License-Identifier: MIT
#include "tracer/report/baseline_report.hpp"

#include <algorithm>
#include <utility>

namespace corotrace {
namespace {

void subtract(std::optional<std::uint64_t>& from, std::uint64_t count) {
    if (from) *from -= std::min(*from, count);
}

void subtract(std::optional<LostTaskCounts>& from, const LostTaskCounts& counts) {
    if (!from) return;
    from->destroyed_pending -= std::min(from->destroyed_pending, counts.destroyed_pending);
    from->exception_never_retrieved -=
        std::min(from->exception_never_retrieved, counts.exception_never_retrieved);
}

std::string describe(std::uint64_t sites) {
    return std::to_string(sites) + (sites == 1 ? " site is" : " sites are") +
           " known by the baseline, and neither shown nor counted";
}

}  // namespace

void BaselineReport::learn(std::string today, std::string root) {
    learns_ = true;
    today_ = std::move(today);
    root_ = std::move(root);
}

void BaselineReport::on_finding(const TargetId& target, const Finding& finding) {
    if (!baseline_.knows(finding)) inner_.on_finding(target, finding);
}

void BaselineReport::on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                                   const Summary& summary) {
    std::vector<SiteCount> left;
    std::vector<SiteCount> known;
    for (const SiteCount& site : sites) (baseline_.knows(site.first) ? known : left).push_back(site);
    if (learns_) {
        for (const SiteCount& site : left) baseline_.add(site.first, today_, root_);
    }
    if (known.empty()) {
        inner_.on_target_end(target, sites, summary);
        return;
    }
    const auto left_out = choose_reported(std::move(known), SiteFilter({}, {}));
    Summary rest = summary;
    rest.sites -= std::min<std::uint64_t>(rest.sites, left_out.sites.size());
    rest.sampled -= std::min(rest.sampled, left_out.sampled);
    subtract(rest.never_awaited, left_out.never_awaited);
    subtract(rest.lost_tasks, left_out.lost_tasks);
    rest.notes.push_back(describe(left_out.sites.size()));
    known_sites_ += left_out.sites.size();
    known_drops_ += left_out.never_awaited;
    known_losses_.destroyed_pending += left_out.lost_tasks.destroyed_pending;
    known_losses_.exception_never_retrieved += left_out.lost_tasks.exception_never_retrieved;
    inner_.on_target_end(target, left, rest);
}

void BaselineReport::on_end(const RunSummary& summary) {
    RunSummary rest = summary;
    rest.sites -= std::min(rest.sites, known_sites_);
    subtract(rest.never_awaited, known_drops_);
    subtract(rest.lost_tasks, known_losses_);
    inner_.on_end(rest);
}

}  // namespace corotrace
