// SPDX-License-Identifier: MIT
// ReportMerge: adds up reports in the format jsonl, of any number of programs, by fingerprint. Reads them
// line by line: memory grows with the sites, not with the files.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/findings/merged_sites.hpp"
#include "tracer/findings/summary.hpp"
#include "tracer/findings/target_id.hpp"
#include "tracer/report/jsonl_reader.hpp"

namespace corotrace {

class ReportMerge {
public:
    ReportMerge() { sum_.coverage.warned = 0; }

    // One report to its end. One that breaks off is taken in as far as it goes: what was found by then counts
    // as "at least". Errors: malformed, naming the line.
    [[nodiscard]] Status add(std::istream& report, const std::string& name);

    [[nodiscard]] const MergedSites& sites() const { return sites_; }
    [[nodiscard]] Summary summary() const;
    [[nodiscard]] RunSummary total() const;
    // Whom the sum is told of: the lowest pid and generation of all. Null: there is no program.
    [[nodiscard]] std::optional<TargetId> target() const { return target_; }

private:
    using Open = std::map<TargetId, std::map<std::string, SiteCount>>;

    [[nodiscard]] Status take(std::string_view text, Open& open);
    void take_totals(const ReportedTotals& totals);

    MergedSites sites_;
    Summary sum_;
    std::uint64_t reports_ = 0;
    std::uint64_t programs_ = 0;
    std::uint64_t exact_ = 0;
    std::uint64_t broken_ = 0;  // programs without a summary
    std::optional<TargetId> target_;
};

}  // namespace corotrace
