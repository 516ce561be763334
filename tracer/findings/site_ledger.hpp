// SPDX-License-Identifier: MIT
// SiteLedger: groups findings into sites (see fingerprint.hpp) and counts them.
//
// Two kinds of count meet here. The stub counts every drop, exactly, in a row; the findings, which a stop
// cost, tell where drops happened, but under a storm only for a few. A row of a place is one site's, whose
// count then is exact. The count of any other is divided at the end over the sites that were seen, as these
// were: the sum is exact always, each part is exact where all drops were seen, else marked as an estimate.
//
// Memory is bounded: where a program drops at more places than can be kept, those with the fewest drops are
// folded, by coroutine, into one site without a place that goes on counting for them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

// What a row of the stub's table counts.
enum class RowKind : std::uint8_t {
    kPlace,    // the drops of one coroutine function at one place
    kSeveral,  // at several
    kUnknown   // this drop does not tell; another one may
};

// A row at the end: its key, and how many drops it counted. Key 0 stands for all that found no row.
struct RowTotal {
    std::uint64_t key = 0;
    std::uint64_t count = 0;
};

class SiteLedger {
public:
    SiteLedger() = default;
    explicit SiteLedger(OwnCode own) : own_(std::move(own)) {}

    // Takes a finding in and completes it: fingerprint, count, first_at_site. `key` is its row's, 0 if none.
    // Its site is told by the drop that was seen best (best_evidence.hpp). Cost: a hash over its frames; now
    // and then a pass over all sites.
    // Not `sampled`: a drop that was not examined, of a row of which nothing is known yet; it tells the
    // site, and is in no count but the row's.
    void add(Finding& finding, std::uint64_t key, RowKind kind = RowKind::kSeveral, bool sampled = true);
    // What this row, or each row, was taken for may be wrong: another code may lie there by now.
    void doubt(std::uint64_t key);
    void doubt_all();

    // Takes in that something was counted in this row that is no finding.
    void add_other(std::uint64_t key);
    // Whether nothing else was seen of this row.
    [[nodiscard]] bool has_only_others(std::uint64_t key) const;

    // Takes in where this finding, which was added, was created: as one place of several (creators.hpp), and
    // as that of its site if it tells more than what the site has.
    void learn_created(const Finding& finding);
    // Has the mistake of this finding's site set anew, if what it is made of has become better since: the
    // drop that was seen best, or where the coroutine was created. `diagnose` gets the finding that stands
    // for the site, and changes its mistake only.
    void diagnose_anew(const Finding& finding, const std::function<void(Finding&)>& diagnose);

    [[nodiscard]] const OwnCode& own() const { return own_; }
    [[nodiscard]] std::size_t site_count() const { return sites_.size(); }
    [[nodiscard]] std::size_t row_count() const { return by_key_.size(); }
    [[nodiscard]] std::uint64_t sampled() const { return sampled_; }
    // Places that are no longer told apart.
    [[nodiscard]] std::uint64_t folded() const { return folded_; }
    [[nodiscard]] bool knows(std::uint64_t key) const { return by_key_.contains(key); }

    // All sites, most drops first, with the rows' counts divided over them. A row without a site gives none:
    // see unseen_rows().
    [[nodiscard]] std::vector<SiteCount> finish(const std::vector<RowTotal>& rows) const;
    // Rows that counted drops of which none was seen.
    [[nodiscard]] std::vector<RowTotal> unseen_rows(const std::vector<RowTotal>& rows) const;

private:
    struct Site {
        Finding first;  // with what its best seen drop tells
        std::uint64_t sampled = 0;
        std::uint64_t places = 0;  // folded into this one; 0: it is a place itself
        bool outdated = false;     // its mistake was told of less than what is known by now
        Creators creators{};
    };
    // What one function contributed to a site. Most sites have one part; a module that is loaded again, or
    // lives in several interpreters, has the same function several times.
    static constexpr std::size_t kNoSite = SIZE_MAX;  // of what is no finding
    struct Part {
        std::size_t site = 0;
        std::uint64_t sampled = 0;
    };
    struct Row {
        std::optional<bool> is_place;  // null: no drop has told
        std::vector<Part> parts;
    };
    [[nodiscard]] std::size_t add_site(Finding& finding);
    Row& add_part(std::uint64_t key, std::size_t site, std::uint64_t sampled = 1);
    void fold();
    [[nodiscard]] std::vector<std::size_t> by_interest() const;
    void move_all(const std::vector<std::size_t>& moved);

    OwnCode own_;
    std::vector<Site> sites_;
    std::unordered_map<std::string, std::size_t> by_fingerprint_;  // those of folded places too
    std::unordered_map<std::uint64_t, Row> by_key_;
    std::uint64_t sampled_ = 0;
    std::uint64_t folded_ = 0;
    std::size_t weight_ = 0;  // of what is kept, in frames
};

}  // namespace corotrace
