// SPDX-License-Identifier: MIT
#include "tracer/observe/site_ledger.hpp"

#include <algorithm>
#include <string_view>

namespace corotrace {

namespace {

// FNV-1a, 64 bits: stable over machines and versions of the standard library, and good enough to tell sites
// of one program apart.
class Fnv {
public:
    void add(std::string_view text) {
        for (const char c : text) mix(static_cast<unsigned char>(c));
        mix(0);
    }
    void add(std::uint64_t number) {
        for (int i = 0; i < 8; ++i) mix(static_cast<unsigned char>(number >> (8 * i)));
    }
    [[nodiscard]] std::uint64_t value() const { return hash_; }

private:
    void mix(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace

std::string make_fingerprint(const Finding& finding) {
    Fnv hash;
    hash.add(static_cast<std::uint64_t>(finding.kind));
    hash.add(finding.coroutine.qualname.value_or(""));
    hash.add(finding.coroutine.file.value_or(""));
    const auto add = [&](const Frame& frame) {
        hash.add(frame.function);
        hash.add(frame.file);
        hash.add(static_cast<std::uint64_t>(frame.line.value_or(-1)));
    };
    // The collector runs anywhere.
    if (finding.dropped.cause == DropCause::kCyclicGc) {
        hash.add("collected");
    } else if (finding.dropped.frames) {
        for (const Frame& frame : *finding.dropped.frames) add(frame);
    }
    if (finding.dropped.ended) add(*finding.dropped.ended);
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(hash.value() >> shift) & 15];
    return text;
}

void SiteLedger::add(Finding& finding, std::uint64_t key) {
    ++detailed_;
    finding.fingerprint = make_fingerprint(finding);
    const auto [entry, inserted] = by_fingerprint_.try_emplace(finding.fingerprint, sites_.size());
    const std::size_t site = entry->second;
    finding.first_at_site = inserted;
    if (inserted) sites_.push_back({.first = finding, .detailed = 0});
    finding.count = ++sites_[site].detailed;
    auto& parts = by_key_[key];
    const auto part = std::ranges::find(parts, site, &Part::site);
    if (part == parts.end()) {
        parts.push_back({.site = site, .detailed = 1});
    } else {
        ++part->detailed;
    }
}

void SiteLedger::learn_created(const Finding& finding) {
    if (finding.created.how != CreationSource::kOrigin) return;
    const auto entry = by_fingerprint_.find(finding.fingerprint);
    if (entry == by_fingerprint_.end()) return;
    CreatedFacts& known = sites_[entry->second].first.created;
    const bool better =
        known.how != CreationSource::kOrigin || known.frames.size() < finding.created.frames.size();
    if (better) known = finding.created;
}

std::vector<SiteCount> SiteLedger::finish(const std::vector<RowTotal>& rows) const {
    std::vector<SiteCount> counts;
    counts.reserve(sites_.size());
    for (const Site& site : sites_) {
        counts.push_back(
            {.first = site.first, .count = site.detailed, .detailed = site.detailed, .exact = true});
    }
    for (const RowTotal& row : rows) {
        const auto found = by_key_.find(row.key);
        if (found == by_key_.end()) continue;
        std::uint64_t seen = 0;
        for (const Part& part : found->second) seen += part.detailed;
        if (row.count <= seen) continue;
        // Largest share last, so that it takes what rounding leaves over.
        auto parts = found->second;
        std::ranges::sort(parts, {}, &Part::detailed);
        const std::uint64_t unseen = row.count - seen;
        std::uint64_t left = unseen;
        for (const Part& part : parts) {
            const auto share = static_cast<std::uint64_t>(
                static_cast<double>(unseen) * static_cast<double>(part.detailed) / static_cast<double>(seen));
            const std::uint64_t given = &part == &parts.back() ? left : std::min(share, left);
            counts[part.site].count += given;
            counts[part.site].exact = false;
            left -= given;
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
