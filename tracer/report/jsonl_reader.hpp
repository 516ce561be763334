// SPDX-License-Identifier: MIT
// Reads back what the format jsonl writes: one line, one value. A line is foreign bytes: whatever is missing
// or of another type is unknown, and a line that says it is of corotrace/1 and has no fingerprint is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/result.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

// Longer lines are refused: the writer's own are some 100 kB at most.
constexpr std::size_t kMaxReportLine = 16U << 20U;

struct ReportedTotals {
    std::optional<std::uint64_t> never_awaited;
    std::optional<std::uint64_t> tasks_destroyed;
    std::optional<std::uint64_t> exceptions_never_retrieved;
    std::uint64_t sampled = 0;
    std::uint64_t stops = 0;
    std::uint64_t pause_total_us = 0;
    std::uint64_t pause_max_us = 0;
    std::uint64_t elapsed_ms = 0;
    std::optional<std::uint64_t> dealloc;
    std::optional<std::uint64_t> warned;
    bool exact = false;  // proved
    std::vector<std::string> notes;
};

struct ReportedLine {
    enum class Event : std::uint8_t { kOther, kAttached, kFinding, kSite, kSummary };
    Event event = Event::kOther;  // kOther: one that merging has no use for, or of a newer corotrace
    pid_t pid = 0;
    std::uint32_t generation = 1;
    SiteCount site;         // of kFinding and kSite
    ReportedTotals totals;  // of kSummary
    std::string python;     // of kAttached
};

// Errors: malformed (no JSON object, not corotrace/1, a finding without a fingerprint).
[[nodiscard]] Result<ReportedLine> parse_report_line(std::string_view line);

}  // namespace corotrace
