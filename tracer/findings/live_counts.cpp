// SPDX-License-Identifier: MIT
#include "tracer/findings/live_counts.hpp"

#include <algorithm>
#include <tuple>

#include "tracer/findings/best_evidence.hpp"
#include "tracer/findings/creators.hpp"

namespace corotrace {

namespace {

bool has_same_mistake(const Finding& one, const Finding& other) {
    const auto words = [](const Mistake& mistake) {
        return std::tie(mistake.id, mistake.sentence, mistake.fix, mistake.advice);
    };
    if (!one.mistake || !other.mistake) return one.mistake.has_value() == other.mistake.has_value();
    return words(*one.mistake) == words(*other.mistake);
}

// What one process tells of its site later replaces what it told before; of another one the better seen
// counts.
void refine(std::shared_ptr<const Finding>& known, const Finding& told) {
    const bool better = is_better_seen(told, *known) || is_better_known(told.created, known->created);
    if (told.pid == known->pid) {
        if (better || !has_same_mistake(told, *known)) known = std::make_shared<const Finding>(told);
        return;
    }
    if (!better) return;
    auto learned = std::make_shared<Finding>(*known);
    learn_drop(*learned, told);
    learn_created(*learned, told);
    known = std::move(learned);
}

void learn(std::shared_ptr<const Creators>& known, const Creators& told) {
    if (told.places.empty()) return;
    const auto is_known = [&](const Frame& place) {
        return std::ranges::any_of(known->places, [&](const Frame& one) {
            return one.file == place.file && one.line == place.line && one.name == place.name;
        });
    };
    const bool all = known && (known->more || !told.more) && std::ranges::all_of(told.places, is_known);
    if (all) return;
    auto both = std::make_shared<Creators>(known ? *known : Creators{});
    add_creators(*both, told);
    known = std::move(both);
}

// `sum` has seen `before` of it already.
template <typename T>
void raise(T& sum, T& before, T now) {
    if (now <= before) return;
    sum += now - before;
    before = now;
}

// Of a coroutine whose name is not known yet: soon its drops are told as those of a site that is.
bool is_without_name(const Finding& finding) {
    return finding.kind == FindingKind::kCoroutine && !finding.coroutine.qualname;
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
    sums_.push_back(0);
    return indices_.emplace(finding.fingerprint, now_.sites.size() - 1).first->second;
}

// At once: its counts may come seconds later.
void LiveCounts::on_finding(const TargetId& target, const Finding& finding) {
    const std::lock_guard lock(mutex_);
    const auto found = targets_.find(target);
    if (found == targets_.end()) return;
    const std::size_t site = find_site(finding);
    if (site == most_sites_) return;
    const std::uint64_t known = found->second.sites[site];
    count(site, found->second, std::max(known, finding.count.value_or(0)));
}

// An estimate may take back what it told before, and give it to another site: the sum does so, too, and what
// is shown of it waits until it is as large again.
void LiveCounts::count(std::size_t site, Target& target, std::uint64_t now) {
    std::uint64_t& before = target.sites[site];
    sums_[site] += now - before;
    before = now;
    now_.sites[site].count = std::max(now_.sites[site].count, sums_[site]);
}

void LiveCounts::on_counts(const TargetId& target, const std::vector<SiteCount>& sites,
                           const Summary& summary) {
    const std::lock_guard lock(mutex_);
    const auto found = targets_.find(target);
    if (found != targets_.end()) update(found->second, sites, summary, false);
}

void LiveCounts::update(Target& target, const std::vector<SiteCount>& sites, const Summary& summary,
                        bool is_last) {
    std::uint64_t others = 0;
    for (const SiteCount& one : sites) {
        if (!is_last && is_without_name(one.first)) continue;
        const std::size_t site = find_site(one.first);
        if (site == most_sites_) {
            others += one.count.value_or(0);
            continue;
        }
        count(site, target, one.count.value_or(0));
        now_.sites[site].exact = one.exact;
        refine(now_.sites[site].first, one.first);
        learn(now_.sites[site].creators, one.creators);
    }
    now_.counted = std::chrono::steady_clock::now();
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
    update(found->second, sites, summary, true);
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
