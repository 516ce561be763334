// SPDX-License-Identifier: MIT
#include "tracer/report/text.hpp"

#include <fmt/format.h>

#include <map>
#include <unordered_map>

#include "symbols/escape.hpp"
#include "tracer/findings/merged_sites.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/related_lines.hpp"
#include "tracer/report/site_block.hpp"
#include "tracer/report/site_table.hpp"
#include "tracer/report/terminal.hpp"

namespace corotrace {
namespace {

constexpr std::size_t kColumnsOfAFile = 100;
constexpr std::size_t kMostNumbers = 50'000;  // sites that are told of while a run goes on

bool has_argument(const CoroutineFacts& coroutine, bool redacted) {
    if (!coroutine.arguments) return false;
    for (const Argument& argument : *coroutine.arguments)
        if (argument.redacted == redacted) return true;
    return false;
}

class TextReport final : public RunReport {
public:
    explicit TextReport(const ReportContext& context) : context_(context), paint_(context.colored) {}

    void on_begin(const RunFacts& facts) override { several_ = facts.several; }

    void on_attached(const TargetId& target, const AttachedFacts& facts) override {
        attached_.insert_or_assign(target, facts);
    }

    void on_finding(const TargetId& /*target*/, const Finding& finding) override {
        hides_values_ = hides_values_ || has_argument(finding.coroutine, true);
        shows_values_ = shows_values_ || has_argument(finding.coroutine, false);
        const bool is_known = numbers_.contains(finding.fingerprint);
        if (is_known && finding.first_at_site) return;  // in another process
        if (!is_known && numbers_.size() >= kMostNumbers) return;
        const auto entry = numbers_.try_emplace(finding.fingerprint, numbers_.size() + 1).first;
        context_.writer.write(make_block().format_first(finding, entry->second));
        told_ = true;
    }

    void on_progress(const Progress& /*progress*/) override {}

    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override {
        sites_.add(target, sites);
        if (several_) {
            write_target(target, summary);
        } else {
            write_sites(summary.never_awaited);
            context_.writer.write_end(format_totals(target, summary));
        }
        attached_.erase(target);
    }

    void on_end(const RunSummary& summary) override {
        if (!several_) return;  // the target's end has said it all
        write_sites(summary.never_awaited);
        context_.writer.write_end(format_totals(summary));
    }

private:
    [[nodiscard]] SiteBlock make_block() const {
        return SiteBlock({.paint = paint_,
                          .own = context_.own,
                          .columns = context_.columns.value_or(kColumnsOfAFile),
                          .full_stack = context_.full_stack,
                          .several = several_});
    }

    // 0: it was not told of before.
    [[nodiscard]] std::size_t number_of(const Finding& site) const {
        const auto found = numbers_.find(site.fingerprint);
        return found == numbers_.end() ? 0 : found->second;
    }

    // All sites whole, and the table if there are several.
    void write_sites(const std::optional<std::uint64_t>& never_awaited) {
        const auto sites = sites_.by_count();
        if (told_) context_.writer.write_end("\n");
        std::vector<TableRow> rows;
        const RelatedLines related(sites,
                                   [this](const Finding& site, std::size_t) { return number_of(site); });
        for (const MergedSite& merged : sites) {
            const std::size_t number = number_of(merged.site.first);
            context_.writer.write_end(
                make_block().format(merged.site, number, merged.pids, related.of(merged.site.first)) + "\n");
            rows.push_back(make_table_row(merged.site, number, never_awaited.value_or(0), context_.own));
        }
        if (rows.size() > 1) context_.writer.write_end(format_table(rows, context_.columns, paint_) + "\n");
        if (sites_.left_out() > 0) {
            context_.writer.write_end(format_note(
                paint_, std::to_string(sites_.left_out()) + " sites are only counted, to bound memory"));
        }
    }

    void write_target(const TargetId& target, const Summary& summary) {
        const std::string counted = summary.never_awaited
                                        ? describe_count(*summary.never_awaited, "never-awaited coroutine")
                                        : describe_count(summary.sites, "line") + " blamed";
        std::string out =
            fmt::format("process {}: {}, {}", target.pid, counted, describe_coverage(summary.coverage));
        if (!summary.ended.empty()) out += "; " + printable(summary.ended);
        out += "\n";
        for (const std::string& note : summary.notes) out += format_note(paint_, note);
        context_.writer.write_end(out);
        told_ = true;
    }

    [[nodiscard]] std::string format_losses(const LostTaskCounts& counts) const {
        std::string out;
        if (counts.destroyed_pending > 0) {
            out += paint_(Style::kTitle,
                          describe_count(counts.destroyed_pending, "task") + " destroyed while pending");
        }
        if (counts.exception_never_retrieved > 0) {
            out += (out.empty() ? "" : ", ") +
                   paint_(Style::kTitle, describe_count(counts.exception_never_retrieved, "exception") +
                                             " of tasks and futures never retrieved");
        }
        return out + "\n";
    }

    [[nodiscard]] std::string format_found(const std::optional<std::uint64_t>& never_awaited,
                                           std::uint64_t sites, const std::optional<LostTaskCounts>& lost,
                                           std::chrono::milliseconds elapsed) const {
        std::string out;
        if (!never_awaited) {
            out = paint_(Style::kTitle, describe_count(sites, "line") + " blamed by Python's own warnings");
        } else if (*never_awaited == 0) {
            out = "no never-awaited coroutine";
        } else {
            out = paint_(Style::kTitle, describe_count(*never_awaited, "never-awaited coroutine")) + " at " +
                  describe_count(sites, "site");
        }
        out += " in " + describe_duration(elapsed) + "\n";
        if (lost && lost->all() > 0) out += format_losses(*lost);
        return out;
    }

    [[nodiscard]] static std::string format_cost(std::uint64_t stops, std::chrono::microseconds total,
                                                 std::chrono::microseconds longest) {
        return fmt::format("cost: {}, {} paused in all, {} at worst\n", describe_count(stops, "stop"),
                           describe_pause(total), describe_pause(longest));
    }

    [[nodiscard]] std::string format_hidden() const {
        if (!hides_values_) return "";
        return format_note(paint_, shows_values_ ? "some values are hidden; --show-value NAME shows them"
                                                 : "argument values are hidden; --show-values shows them");
    }

    [[nodiscard]] std::string format_totals(const TargetId& target, const Summary& summary) const {
        const auto found = attached_.find(target);
        const AttachedFacts* attached = found == attached_.end() ? nullptr : &found->second;
        std::string out =
            format_found(summary.never_awaited, summary.sites, summary.lost_tasks, summary.elapsed);
        const bool exact = summary.coverage.state == CoverageState::kExact;
        out +=
            "coverage: " + paint_(exact ? Style::kGood : Style::kBad, describe_coverage(summary.coverage)) +
            "\n";
        out += format_cost(summary.stops, summary.pause_total, summary.pause_max);
        if (attached != nullptr)
            out += fmt::format("process: {}, python {}, {}\n", describe_process(*attached),
                               printable(attached->python), printable(attached->executable));
        if (!summary.ended.empty()) out += "ended: " + printable(summary.ended) + "\n";
        out += format_hidden();
        if (attached != nullptr)
            for (const std::string& note : attached->notes) out += format_note(paint_, note);
        for (const std::string& note : summary.notes) out += format_note(paint_, note);
        return out;
    }

    [[nodiscard]] std::string format_totals(const RunSummary& summary) const {
        std::string out = format_found(summary.never_awaited, sites_.by_count().size(), summary.lost_tasks,
                                       summary.elapsed);
        out += fmt::format(
            "coverage: exact for {} of {} in {}\n", summary.exact,
            describe_count(summary.programs, "program"),
            summary.processes == 1 ? "1 process" : fmt::format("{} processes", summary.processes));
        out += format_cost(summary.stops, summary.pause_total, summary.pause_max);
        if (!summary.ended.empty()) out += "ended: " + printable(summary.ended) + "\n";
        out += format_hidden();
        for (const std::string& note : summary.notes) out += format_note(paint_, note);
        return out;
    }

    ReportContext context_;
    Paint paint_;
    bool several_ = false;
    std::map<TargetId, AttachedFacts> attached_;            // to those that have not ended
    std::unordered_map<std::string, std::size_t> numbers_;  // fingerprint -> number of the site
    MergedSites sites_{MergedSites::kMost};
    bool told_ = false;  // something stands before the sites
    bool hides_values_ = false;
    bool shows_values_ = false;
};

}  // namespace

std::unique_ptr<RunReport> make_text_report(const ReportContext& context) {
    return std::make_unique<TextReport>(context);
}

}  // namespace corotrace
