// SPDX-License-Identifier: MIT
#include "tracer/report/report_merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

namespace corotrace {
namespace {

constexpr std::size_t kMaxNotes = 20;

// Hands the lines of a stream on, without their ends.
class LineSource {
public:
    explicit LineSource(std::istream& stream) : stream_(stream) {}

    // False at the end. Errors: malformed (longer than kMaxReportLine).
    [[nodiscard]] Result<bool> next(std::string& line) {
        line.clear();
        for (;;) {
            const char* const begin = block_.data() + at_;
            const char* const end = std::find(begin, begin + (size_ - at_), '\n');
            line.append(begin, end);
            if (line.size() > kMaxReportLine) return Error{Errc::malformed, 0, "a line that is too long"};
            at_ = static_cast<std::size_t>(end - block_.data());
            if (at_ < size_) {
                ++at_;
                return true;
            }
            stream_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
            size_ = static_cast<std::size_t>(stream_.gcount());
            at_ = 0;
            if (size_ == 0) {
                complete_ = line.empty();
                return !line.empty();
            }
        }
    }
    // False: the last line had no end.
    [[nodiscard]] bool complete() const { return complete_; }

private:
    std::istream& stream_;
    std::array<char, 1U << 16U> block_{};
    std::size_t at_ = 0;
    std::size_t size_ = 0;
    bool complete_ = true;
};

void add_to(std::uint64_t& sum, std::uint64_t more) {
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    sum = sum > kMax - more ? kMax : sum + more;
}

// Unknown in one is unknown in the sum.
void add_to(std::optional<std::uint64_t>& sum, const std::optional<std::uint64_t>& more) {
    if (!sum || !more) {
        sum = std::nullopt;
        return;
    }
    add_to(*sum, *more);
}

template <typename Duration>
Duration add_time(Duration sum, std::uint64_t more) {
    constexpr std::uint64_t kMax = std::uint64_t{1} << 60U;  // some 36,000 years of microseconds
    const std::uint64_t both = static_cast<std::uint64_t>(sum.count()) + std::min(more, kMax);
    return Duration(static_cast<typename Duration::rep>(std::min(both, kMax)));
}

}  // namespace

Status ReportMerge::add(std::istream& report, const std::string& name) {
    ++reports_;
    Open open;
    LineSource lines(report);
    std::string line;
    for (std::uint64_t number = 1;; ++number) {
        CT_TRY(const bool more, lines.next(line));
        if (!more) break;
        if (line.empty()) continue;
        const Status taken = take(line, open);
        if (taken) continue;
        if (!lines.complete()) break;  // written half by somebody who was killed
        return Error{taken.error().code, 0, fmt::format("{}, line {}: {}", name, number, taken.error().what)};
    }
    if (report.bad()) return Error{Errc::io, 0, name + " could not be read to its end"};
    broken_ += open.size();
    programs_ += open.size();
    for (auto& [program, sites] : open) {
        for (auto& [fingerprint, site] : sites) {
            site.exact = false;
            sites_.add(site);
        }
    }
    return {};
}

Status ReportMerge::take(std::string_view text, Open& open) {
    CT_TRY(const ReportedLine line, parse_report_line(text));
    const TargetId program{line.pid, line.generation};
    if (line.event != ReportedLine::Event::kOther && line.pid > 0)
        target_ = std::min(target_.value_or(program), program);
    switch (line.event) {
        case ReportedLine::Event::kOther:
            break;
        case ReportedLine::Event::kAttached:
            open.try_emplace(program);
            break;
        // Its count is of that moment; the latest of a site stands until the site itself is told.
        case ReportedLine::Event::kFinding: {
            const auto [entry, inserted] = open[program].try_emplace(line.site.first.fingerprint, line.site);
            if (!inserted) entry->second.count = std::max(entry->second.count, line.site.count);
            break;
        }
        case ReportedLine::Event::kSite:
            open[program].erase(line.site.first.fingerprint);
            sites_.add(line.site);
            break;
        case ReportedLine::Event::kSummary:
            open.erase(program);
            take_totals(line.totals);
            break;
    }
    return {};
}

void ReportMerge::take_totals(const ReportedTotals& totals) {
    ++programs_;
    exact_ += totals.exact ? 1 : 0;
    add_to(sum_.never_awaited, totals.never_awaited);
    if (totals.tasks_destroyed && totals.exceptions_never_retrieved) {
        LostTaskCounts& lost = sum_.lost_tasks ? *sum_.lost_tasks : sum_.lost_tasks.emplace();
        add_to(lost.destroyed_pending, *totals.tasks_destroyed);
        add_to(lost.exception_never_retrieved, *totals.exceptions_never_retrieved);
    }
    add_to(sum_.sampled, totals.sampled);
    add_to(sum_.stops, totals.stops);
    sum_.pause_total = add_time(sum_.pause_total, totals.pause_total_us);
    sum_.pause_max = std::max(sum_.pause_max, add_time(std::chrono::microseconds(0), totals.pause_max_us));
    sum_.elapsed = std::max(sum_.elapsed, add_time(std::chrono::milliseconds(0), totals.elapsed_ms));
    add_to(sum_.coverage.dealloc, totals.dealloc);
    add_to(sum_.coverage.warned, totals.warned);
    for (const std::string& note : totals.notes) {
        const bool known = std::find(sum_.notes.begin(), sum_.notes.end(), note) != sum_.notes.end();
        if (!known && sum_.notes.size() < kMaxNotes) sum_.notes.push_back(note);
    }
}

Summary ReportMerge::summary() const {
    Summary summary = sum_;
    summary.sites = sites_.size();
    summary.ended = fmt::format("merged from {} reports of {} programs", reports_, programs_);
    if (exact_ == programs_) {
        summary.coverage.state = CoverageState::kExact;
    } else {
        summary.coverage.state = CoverageState::kIncomplete;
        summary.coverage.why = fmt::format("{} of {} programs are proved to be exact", exact_, programs_);
    }
    if (broken_ > 0) {
        summary.notes.push_back(fmt::format(
            "the reports of {} programs break off before their end: their counts are at least so high",
            broken_));
    }
    std::sort(summary.notes.begin(), summary.notes.end());
    return summary;
}

RunSummary ReportMerge::total() const {
    const Summary sum = summary();
    RunSummary total;
    total.processes = programs_;  // pids of several hosts say nothing together
    total.programs = programs_;
    total.exact = exact_;
    total.never_awaited = sum.never_awaited;
    total.lost_tasks = sum.lost_tasks;
    total.sites = sum.sites;
    total.stops = sum.stops;
    total.pause_total = sum.pause_total;
    total.pause_max = sum.pause_max;
    total.elapsed = sum.elapsed;
    total.ended = sum.ended;
    total.notes = sum.notes;
    return total;
}

}  // namespace corotrace
