// SPDX-License-Identifier: MIT
// Baseline: findings that are known, and those that are to be ignored, in a file that people review and
// merge. One line an entry, sorted by fingerprint, so that two branches seldom add at the same place:
//
//   # a comment
//   ignore qualname AuditLog.*   # reason: fire and forget, see #12
//   1cb3aa7a9d157c57  AuditLog.record  shop/orders.py in Orders.place  since 2026-11-25
//
// A line counts by its fingerprint; the rest is for people. An ignore rule names a fingerprint, the qualified
// name of the coroutine or a file, both as globs (fnmatch(3), `*` also matches `/`), and needs a reason.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/own_code.hpp"

namespace corotrace {

class Baseline {
public:
    // Nothing is known. `own`: whose line of a finding is told.
    explicit Baseline(OwnCode own) : own_(std::move(own)) {}
    // Errors: malformed, with the line's number.
    [[nodiscard]] static Result<Baseline> parse(std::string_view text, OwnCode own);

    // Whether the finding is known, or is to be ignored. Each rule or entry that says so has matched.
    [[nodiscard]] bool knows(const Finding& finding);

    // `today`: "2026-11-25". `root`: files under it are told relative to it.
    void add(const Finding& finding, std::string_view today, std::string_view root);

    // The whole file: comments and rules as they were, then the entries.
    [[nodiscard]] std::string format() const;
    // Rules that matched nothing, as they stand in the file.
    [[nodiscard]] std::vector<std::string> unused_rules() const;
    // Takes out the entries that were not found. Returns how many these were.
    std::size_t forget_unused();
    // Entries that were not found.
    [[nodiscard]] std::size_t unused_entries() const;

private:
    enum class RuleKind : std::uint8_t { kFingerprint, kQualname, kFile };
    struct Rule {
        RuleKind kind = RuleKind::kQualname;
        std::string pattern;
        std::string line;  // as it stands in the file
        bool matched = false;
    };
    struct Entry {
        std::string line;
        bool matched = false;
    };
    [[nodiscard]] static Result<Rule> parse_rule(const std::string& line);
    [[nodiscard]] bool applies(const Rule& rule, const Finding& finding) const;

    [[nodiscard]] std::string describe(const Finding& finding, std::string_view root) const;

    OwnCode own_;
    std::vector<std::string> head_;  // comments and rules, in their order
    std::vector<Rule> rules_;
    std::map<std::string, Entry, std::less<>> entries_;  // by fingerprint
};

}  // namespace corotrace
