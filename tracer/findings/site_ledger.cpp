// SPDX-License-Identifier: MIT
#include "tracer/findings/site_ledger.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <type_traits>
#include <utility>

#include "tracer/findings/best_evidence.hpp"
#include "tracer/findings/creators.hpp"
#include "tracer/findings/fingerprint.hpp"

namespace corotrace {

namespace {

// About 15 MB, at 350 bytes a frame; what else a finding has weighs as some frames more.
constexpr std::size_t kMaxWeight = 40'000;
constexpr std::size_t kWeightOfRest = 4;
constexpr std::size_t kMaxFingerprints = 50'000;  // 100 bytes each
constexpr std::size_t kMaxFolds = 1'000;          // coroutines; beyond, all others are one

std::size_t weigh(const Finding& finding) {
    std::size_t frames = kWeightOfRest + finding.created.frames.size();
    if (finding.dropped.frames) frames += finding.dropped.frames->size();
    if (finding.dropped.native) frames += finding.dropped.native->size();
    if (finding.lost_task && finding.lost_task->awaiting) frames += finding.lost_task->awaiting->size();
    if (finding.lost_task && finding.lost_task->raised) frames += finding.lost_task->raised->size();
    if (finding.coroutine.arguments) frames += finding.coroutine.arguments->size();
    return frames;
}

// What several places have in common.
Finding without_place(const Finding& finding, bool named) {
    Finding common;
    common.kind = finding.kind;
    common.time = finding.time;
    common.pid = finding.pid;
    if (named) common.coroutine = finding.coroutine;
    common.coroutine.arguments.reset();
    common.fingerprint = make_folded_fingerprint(common);
    return common;
}

}  // namespace

void SiteLedger::add(Finding& finding, std::uint64_t key, RowKind kind, bool sampled) {
    const std::size_t site = add_site(finding);
    finding.count = sites_[site].sampled + 1;
    if (sampled) {
        ++sampled_;
        ++sites_[site].sampled;
    }
    Row& row = add_part(key, site, sampled ? 1 : 0);
    if (kind != RowKind::kUnknown) row.is_place = row.is_place.value_or(true) && kind == RowKind::kPlace;
    if (weight_ > kMaxWeight) fold();
}

std::size_t SiteLedger::add_site(Finding& finding) {
    finding.fingerprint = make_fingerprint(finding, own_);
    const auto known = by_fingerprint_.find(finding.fingerprint);
    finding.first_at_site = known == by_fingerprint_.end();
    if (finding.first_at_site) {
        // Both or none, also without memory for the second.
        static_assert(std::is_nothrow_move_constructible_v<Site>);
        Site site{.first = finding, .sampled = 0, .places = 0};
        if (sites_.size() == sites_.capacity()) sites_.reserve(2 * sites_.size() + 16);
        by_fingerprint_.emplace(finding.fingerprint, sites_.size());
        sites_.push_back(std::move(site));
        weight_ += weigh(finding);
        return sites_.size() - 1;
    }
    if (Site& site = sites_[known->second]; site.places == 0) {
        weight_ -= weigh(site.first);
        if (learn_drop(site.first, finding)) site.outdated = true;
        weight_ += weigh(site.first);
    }
    return known->second;
}

void SiteLedger::doubt(std::uint64_t key) {
    const auto row = by_key_.find(key);
    if (row != by_key_.end()) row->second.is_place = false;
}

void SiteLedger::doubt_all() {
    for (auto& entry : by_key_) entry.second.is_place = false;
}

SiteLedger::Row& SiteLedger::add_part(std::uint64_t key, std::size_t site, std::uint64_t sampled) {
    Row& row = by_key_[key];
    const auto part = std::ranges::find(row.parts, site, &Part::site);
    if (part == row.parts.end()) {
        row.parts.push_back({.site = site, .sampled = sampled});
    } else {
        part->sampled += sampled;
    }
    return row;
}

void SiteLedger::add_other(std::uint64_t key) {
    add_part(key, kNoSite);
}

bool SiteLedger::has_only_others(std::uint64_t key) const {
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return false;
    const auto& parts = found->second.parts;
    return parts.size() == 1 && parts.front().site == kNoSite;
}

// Down to half of what may be kept, so that it happens seldom.
void SiteLedger::fold() {
    std::vector<Site> kept;
    std::vector<std::size_t> moved(sites_.size());
    std::unordered_map<std::string, std::size_t> folds;
    weight_ = 0;
    for (const std::size_t index : by_interest()) {
        Site& site = sites_[index];
        const std::size_t weight = weigh(site.first) + site.creators.places.size();
        if (site.places > 0 || weight_ + weight <= kMaxWeight / 2) {
            if (site.places > 0) folds.emplace(site.first.fingerprint, kept.size());
            moved[index] = kept.size();
            weight_ += weight;
            kept.push_back(std::move(site));
            continue;
        }
        Finding common = without_place(site.first, folds.size() < kMaxFolds);
        const auto [fold, is_new] = folds.try_emplace(common.fingerprint, kept.size());
        if (is_new) {
            weight_ += weigh(common);
            kept.push_back({.first = std::move(common), .sampled = 0, .places = 0});
        }
        moved[index] = fold->second;
        kept[fold->second].sampled += site.sampled;
        ++kept[fold->second].places;
        ++folded_;
    }
    sites_ = std::move(kept);
    move_all(moved);
}

// Folds first, then those with most drops, of equals those seen first.
std::vector<std::size_t> SiteLedger::by_interest() const {
    std::vector<std::size_t> order(sites_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(order, [&](std::size_t left, std::size_t right) {
        const Site& a = sites_[left];
        const Site& b = sites_[right];
        return std::tuple(a.places == 0, b.sampled) < std::tuple(b.places == 0, a.sampled);
    });
    return order;
}

void SiteLedger::move_all(const std::vector<std::size_t>& moved) {
    for (auto& entry : by_fingerprint_) entry.second = moved[entry.second];
    if (by_fingerprint_.size() > kMaxFingerprints) {
        std::erase_if(by_fingerprint_, [&](const auto& entry) { return sites_[entry.second].places > 0; });
    }
    for (auto& entry : by_key_) {
        std::vector<Part> parts;
        for (const Part& part : entry.second.parts) {
            const std::size_t site = part.site == kNoSite ? kNoSite : moved[part.site];
            const auto same = std::ranges::find(parts, site, &Part::site);
            if (same == parts.end()) {
                parts.push_back({.site = site, .sampled = part.sampled});
            } else {
                same->sampled += part.sampled;
            }
        }
        entry.second.parts = std::move(parts);
    }
}

void SiteLedger::learn_created(const Finding& finding) {
    const auto entry = by_fingerprint_.find(finding.fingerprint);
    if (entry == by_fingerprint_.end()) return;
    Site& site = sites_[entry->second];
    if (site.places > 0) return;
    weight_ -= weigh(site.first) + site.creators.places.size();
    if (corotrace::learn_created(site.first, finding)) site.outdated = true;
    if (const Frame* place = creating_place(finding.created, own_)) add_creator(site.creators, *place);
    weight_ += weigh(site.first) + site.creators.places.size();
}

void SiteLedger::diagnose_anew(const Finding& finding, const std::function<void(Finding&)>& diagnose) {
    const auto entry = by_fingerprint_.find(finding.fingerprint);
    if (entry == by_fingerprint_.end()) return;
    Site& site = sites_[entry->second];
    if (site.places > 0 || !site.outdated) return;
    diagnose(site.first);
    site.outdated = false;
}

std::vector<SiteCount> SiteLedger::finish(const std::vector<RowTotal>& rows) const {
    std::vector<SiteCount> counts;
    counts.reserve(sites_.size());
    for (const Site& site : sites_) {
        counts.push_back({.first = site.first,
                          .count = site.sampled,
                          .sampled = site.sampled,
                          .exact = true,
                          .folded = site.places,
                          .creators = site.creators});
        counts.back().first.seen.reset();
        if (site.places == 0) continue;
        counts.back().first.notes.push_back(std::to_string(site.places) +
                                            " places with few drops, folded into one to bound memory");
    }
    for (const RowTotal& row : rows) {
        const auto found = by_key_.find(row.key);
        if (found == by_key_.end()) continue;
        std::uint64_t seen = 0;
        const Row& known = found->second;
        const bool is_exact = known.is_place.value_or(false) && known.parts.size() == 1;
        for (const Part& part : known.parts) seen += part.sampled;
        if (row.count <= seen) continue;
        // Largest share last, so that it takes what rounding leaves over.
        auto parts = known.parts;
        std::ranges::sort(parts, {}, &Part::sampled);
        const std::uint64_t unseen = row.count - seen;
        std::uint64_t left = unseen;
        const double each = seen == 0 ? 0.0 : static_cast<double>(unseen) / static_cast<double>(seen);
        for (const Part& part : parts) {
            const auto share = static_cast<std::uint64_t>(each * static_cast<double>(part.sampled));
            const std::uint64_t given = &part == &parts.back() ? left : std::min(share, left);
            left -= given;
            if (part.site == kNoSite) continue;
            *counts[part.site].count += given;
            counts[part.site].exact = counts[part.site].exact && is_exact;
        }
    }
    std::ranges::stable_sort(counts, std::ranges::greater{}, &SiteCount::count);
    return counts;
}

std::vector<RowTotal> SiteLedger::unseen_rows(const std::vector<RowTotal>& rows) const {
    std::vector<RowTotal> unseen;
    for (const RowTotal& row : rows) {
        if (row.count > 0 && !by_key_.contains(row.key)) unseen.push_back(row);
    }
    return unseen;
}

}  // namespace corotrace
