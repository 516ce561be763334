// SPDX-License-Identifier: MIT
#include "tracer/session/session_counts.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "tracer/diagnose/finding_maker.hpp"
#include "tracer/findings/fingerprint.hpp"

namespace corotrace {

namespace {

bool is_call(const RowTotal& row) {
    return arch::is_call_key(row.key);
}

}  // namespace

std::uint64_t call_key(std::uint64_t key) {
    return key == 0 ? arch::StubCallKey::kTag : key;
}

bool SessionCounts::read(const ProbeControl& probes) {
    const auto now = std::chrono::steady_clock::now();
    const auto counters = probes.read_counters();
    if (!counters) return false;
    has_changed_ =
        counters->never_awaited() != counters_.never_awaited() || counters->handled != counters_.handled;
    counters_ = *counters;
    read_at_ = now;
    // The stub adds to a counter first, and to a row then.
    if (!has_changed_ && in_rows_ == counters_.all()) return true;
    auto rows = probes.read_rows();
    if (!rows) return false;
    // A row's count has 32 bits, of which no storm counts through all between two reads.
    for (std::size_t i = 0; i < rows->size() && i < rows_.size(); ++i) {
        const std::uint64_t before = rows_[i].count;
        (*rows)[i].count = before + static_cast<std::uint32_t>((*rows)[i].count - before);
    }
    rows_ = std::move(rows).value();
    in_rows_ = counters_.call_overflow;
    for (const StubRow& row : rows_) in_rows_ += row.count;
    return true;
}

bool SessionCounts::read_at_tick(const ProbeControl& probes, std::chrono::nanoseconds elapsed) {
    const auto before = counters_.never_awaited();
    if (!read(probes)) return false;
    const double seconds = std::chrono::duration<double>(elapsed).count();
    if (seconds > 0) per_second_ = static_cast<double>(counters_.never_awaited() - before) / seconds;
    return true;
}

std::vector<RowTotal> SessionCounts::totals() const {
    std::vector<RowTotal> totals;
    std::uint64_t unclear = counters_.call_overflow;
    for (const StubRow& row : rows_) {
        if (row.key == arch::StubCallKey::kTag)
            unclear += row.count;
        else
            totals.push_back({.key = row.key, .count = row.count});
    }
    totals.push_back({.key = arch::StubCallKey::kTag, .count = unclear});
    return totals;
}

std::vector<RowTotal> SessionCounts::find_unnamed(const SiteLedger& ledger) const {
    auto rows = ledger.unseen_rows(totals());
    std::erase_if(rows, [&](const RowTotal& row) {
        return (row.key & ~arch::kKeyTagMask) == 0 || names_.contains(row.key);
    });
    return rows;
}

void SessionCounts::name_unseen(const TargetReader& reader, const SiteLedger& ledger) {
    for (const RowTotal& row : find_unnamed(ledger)) {
        auto name = reader.read_row_name({row.key & ~arch::kKeyTagMask}, is_call(row));
        if (name) names_.emplace(row.key, *std::move(name));
    }
}

std::optional<SiteCount> SessionCounts::unseen_site(const RowTotal& row, const OwnCode& own, pid_t pid,
                                                    const std::string& why) const {
    const auto name = names_.find(row.key);
    SiteCount site{.first = {}, .count = row.count, .sampled = 0, .exact = true};
    Finding& finding = site.first;
    finding.time = std::chrono::system_clock::now();
    finding.pid = pid;
    finding.count = row.count;
    finding.notes.push_back("only counted: " + why);
    if (is_call(row)) {
        if (name == names_.end() || !name->second.loss) return std::nullopt;
        finding.kind = finding_kind(*name->second.loss);
    }
    if (name != names_.end()) finding.coroutine = name->second.coroutine;
    finding.fingerprint = make_fingerprint(finding, own);
    return site;
}

std::vector<SiteCount> SessionCounts::all_sites(const SiteLedger& ledger, const OwnCode& own, pid_t pid,
                                                const std::string& unseen_why) const {
    const auto totals = this->totals();
    auto sites = ledger.finish(totals);
    for (const RowTotal& row : ledger.unseen_rows(totals)) {
        auto site = unseen_site(row, own, pid, unseen_why);
        if (!site) continue;
        const auto same = std::ranges::find_if(sites, [&](const SiteCount& other) {
            return other.first.fingerprint == site->first.fingerprint;
        });
        if (same == sites.end()) {
            sites.push_back(*std::move(site));
        } else {
            *same->count += site->count.value_or(0);
        }
    }
    std::ranges::stable_sort(sites, std::ranges::greater{}, &SiteCount::count);
    return sites;
}

}  // namespace corotrace
