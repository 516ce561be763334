// SPDX-License-Identifier: MIT
#include "tracer/report/text.hpp"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "tracer/report/escape.hpp"
#include "tracer/report/names.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_table.hpp"
#include "tracer/report/terminal.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {
namespace {

constexpr std::size_t kLabelColumns = 11;  // "arguments" and its gap
constexpr std::size_t kFieldIndent = 2;
constexpr std::size_t kColumnsOfAFile = 100;  // a list of arguments is broken there

std::string describe_thread(const Finding& finding) {
    std::string out = finding.thread_name ? printable(*finding.thread_name) + " " : "";
    if (finding.tid) out += fmt::format("({})", *finding.tid);
    return out;
}

// On one line if that fits `columns`, else one a line under each other.
std::string join_arguments(const std::vector<Argument>& arguments, std::size_t columns) {
    std::string line;
    std::string list;
    const std::string newline = fmt::format("\n{:{}}", "", kFieldIndent + kLabelColumns);
    for (const Argument& argument : arguments) {
        const std::string text = describe_argument(argument);
        line += (line.empty() ? "" : ", ") + text;
        list += (list.empty() ? "" : newline) + text;
    }
    const bool fits = kFieldIndent + kLabelColumns + display_width(line) <= columns;
    return fits ? line : list;
}

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
        const auto [entry, is_new] = numbers_.try_emplace(finding.fingerprint, numbers_.size() + 1);
        if (finding.created.how == CreationSource::kOrigin) told_origins_.insert(finding.fingerprint);
        hides_values_ = hides_values_ || has_argument(finding.coroutine, true);
        shows_values_ = shows_values_ || has_argument(finding.coroutine, false);
        std::string out = format_headline(finding, entry->second);
        out += format_fields(finding);
        out += format_created(finding.created);
        if (finding.lost_task) out += format_lost_task(*finding.lost_task);
        out += finding.blamed ? format_blamed(*finding.blamed) : format_dropped(finding.dropped);
        for (const std::string& note : finding.notes) out += format_note(note);
        context_.writer.write(out + "\n");
    }

    void on_progress(const Progress& /*progress*/) override {}

    void on_target_end(const TargetId& target, const std::vector<SiteCount>& sites,
                       const Summary& summary) override {
        std::string out;
        if (!sites.empty()) {
            std::vector<TableRow> rows;
            rows.reserve(sites.size());
            for (const SiteCount& site : sites) {
                const auto found = numbers_.find(site.first.fingerprint);
                rows.push_back(make_table_row(site, found == numbers_.end() ? 0 : found->second,
                                              summary.never_awaited.value_or(0)));
            }
            out = format_table(rows, context_.columns, paint_) + "\n";
            out += format_later_origins(sites);
        }
        // An empty line between it and what other processes have to tell.
        context_.writer.write_end(out + format_totals(target, summary) + (several_ ? "\n" : ""));
        attached_.erase(target);
    }

    void on_end(const RunSummary& total) override {
        if (!several_) return;  // the target's summary has said it all
        std::string out = fmt::format(
            "{} in {} in {}\n",
            paint_(Style::kTitle, describe_count(total.never_awaited.value_or(0), "never-awaited coroutine")),
            total.processes == 1 ? "1 process" : fmt::format("{} processes", total.processes),
            describe_duration(total.elapsed));
        out += fmt::format("coverage: exact for {} of {}\n", total.exact,
                           describe_count(total.programs, "program"));
        out += "ended: " + printable(total.ended) + "\n";
        for (const std::string& note : total.notes) out += format_note(note);
        context_.writer.write_end(out);
    }

private:
    [[nodiscard]] std::string format_headline(const Finding& finding, std::size_t number) const {
        std::string out = fmt::format("#{} {}", number, paint_(Style::kHeadline, describe_headline(finding)));
        if (!finding.first_at_site) {
            out += fmt::format(" (again, {} so far)", describe_count(finding.count.value_or(0), "time"));
        } else if (finding.count.value_or(0) > 1) {
            out += fmt::format(" ({} so far)", describe_count(*finding.count, "time"));
        }
        return out + "\n";
    }

    [[nodiscard]] std::string format_field(std::string_view label, std::string_view value) const {
        const std::string padded = fmt::format("{:<{}}", label, kLabelColumns);
        return std::string(kFieldIndent, ' ') + paint_(Style::kLabel, padded) + std::string(value) + "\n";
    }

    [[nodiscard]] std::string format_fields(const Finding& finding) const {
        const CoroutineFacts& coroutine = finding.coroutine;
        std::string out;
        if (coroutine.file) out += format_field("defined", describe_definition(coroutine));
        if (finding.lost_task && finding.lost_task->type) {
            out += format_field("type", printable(*finding.lost_task->type));
        }
        if (finding.lost_task) {
            // What a task was called with has changed since.
        } else if (!coroutine.arguments) {
            out += format_field("arguments", "unknown");
        } else if (!coroutine.arguments->empty()) {
            out += format_field("arguments", join_arguments(*coroutine.arguments,
                                                            context_.columns.value_or(kColumnsOfAFile)));
        }
        if (const auto cause = describe_cause(finding.dropped.cause)) out += format_field("cause", *cause);
        if (finding.mistake) {
            out += format_field("mistake", fmt::format("{} [{}]", printable(finding.mistake->sentence),
                                                       printable(finding.mistake->id)));
            if (finding.mistake->fix) out += format_field("fix", printable(*finding.mistake->fix));
        }
        if (finding.warning) out += format_field("warning", describe_warning(*finding.warning));
        if (several_) out += format_field("process", std::to_string(finding.pid));
        const std::string thread = describe_thread(finding);
        if (!thread.empty()) out += format_field("thread", thread);
        if (finding.task) out += format_field("task", describe_running_task(*finding.task));
        if (finding.test) out += format_field("test", printable(*finding.test));
        out += format_field("seen", format_time(finding.time) + "  id " + printable(finding.fingerprint));
        return out;
    }

    [[nodiscard]] std::string format_title(std::string_view title) const {
        return paint_(Style::kTitle, title) + "\n";
    }

    [[nodiscard]] std::string format_created(const CreatedFacts& created) const {
        switch (created.how) {
            case CreationSource::kUnknown:
                return "";
            case CreationSource::kOrigin:
                return format_title("Created at (most recent call last):") +
                       format_frames(created.frames, paint_);
            case CreationSource::kInferred:
                return format_title("Created at (inferred from the code):") +
                       format_frames(created.frames, paint_);
        }
        return "";
    }

    // Where coroutines were created whose site was told of before that was known.
    [[nodiscard]] std::string format_later_origins(const std::vector<SiteCount>& sites) const {
        std::string out;
        for (const SiteCount& site : sites) {
            const Finding& first = site.first;
            const auto number = numbers_.find(first.fingerprint);
            if (first.created.how != CreationSource::kOrigin || number == numbers_.end()) continue;
            if (told_origins_.contains(first.fingerprint)) continue;
            out += fmt::format("#{} {}", number->second, format_created(first.created)) + "\n";
        }
        return out;
    }

    [[nodiscard]] std::string format_dropped(const DroppedFacts& dropped) const {
        std::string out;
        if (dropped.ended) {
            out += format_title("Ended just before, and dropped it (recovered):") +
                   format_frames({&*dropped.ended, 1}, paint_);
        }
        if (!dropped.frames) {
            out += format_title("Dropped at: not seen");
        } else if (dropped.frames->empty()) {
            out += format_title("Dropped at: no Python frame was running");
        } else if (dropped.collector) {
            out += format_title("Collected by " + printable(*dropped.collector) +
                                "(), called here (most recent call last):");
        } else if (dropped.cause == DropCause::kCyclicGc) {
            out +=
                format_title("Collected while this ran, which need not be at fault (most recent call last):");
        } else {
            out += format_title("Dropped at (most recent call last):");
        }
        if (dropped.frames) out += format_frames(*dropped.frames, paint_);
        if (dropped.native)
            out += format_title("Native stack (most recent call first):") +
                   format_native_frames(*dropped.native);
        return out;
    }

    [[nodiscard]] std::string format_lost_task(const LostTaskFacts& task) const {
        std::string out;
        if (task.awaiting && task.awaiting->empty()) out += format_title("Had not started");
        if (task.awaiting && !task.awaiting->empty()) {
            out += format_title(task.closed ? "Ran last, before the collector closed it:"
                                            : "Was waiting at (most recent call last):") +
                   format_frames(*task.awaiting, paint_);
        }
        if (task.raised && !task.raised->empty()) {
            out += format_title("Failed at (most recent call last):") + format_frames(*task.raised, paint_);
        }
        return out;
    }

    [[nodiscard]] std::string format_blamed(const BlamedLine& blamed) const {
        const std::string line = blamed.line ? fmt::format(", line {}", *blamed.line) : "";
        std::string out = format_title("Blamed by Python's own warning:");
        out += blamed.file ? fmt::format("  File \"{}\"{}, module {}\n", printable(*blamed.file), line,
                                         printable(blamed.module))
                           : fmt::format("  Module {}{}\n", printable(blamed.module), line);
        if (blamed.source) out += "    " + printable_source(strip(*blamed.source)) + "\n";
        return out;
    }

    [[nodiscard]] std::string format_note(std::string_view note) const {
        return paint_(Style::kLabel, "note:") + " " + printable(note) + "\n";
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

    [[nodiscard]] std::string format_totals(const TargetId& target, const Summary& summary) const {
        const auto found = attached_.find(target);
        const AttachedFacts* attached = found == attached_.end() ? nullptr : &found->second;
        std::string out;
        const std::string elapsed = describe_duration(summary.elapsed);
        if (!summary.never_awaited) {
            out = fmt::format("{} in {}\n",
                              paint_(Style::kTitle, describe_count(summary.sites, "line") +
                                                        " blamed by Python's own warnings"),
                              elapsed);
        } else if (*summary.never_awaited == 0) {
            out = fmt::format("no never-awaited coroutine in {}\n", elapsed);
        } else {
            out = fmt::format(
                "{} at {} in {}\n",
                paint_(Style::kTitle, describe_count(*summary.never_awaited, "never-awaited coroutine")),
                describe_count(summary.sites, "site"), elapsed);
        }
        if (summary.lost_tasks && summary.lost_tasks->all() > 0) out += format_losses(*summary.lost_tasks);
        const bool exact = summary.coverage.state == CoverageState::kExact;
        out +=
            "coverage: " + paint_(exact ? Style::kGood : Style::kBad, describe_coverage(summary.coverage)) +
            "\n";
        out += fmt::format("cost: {}, {} paused in all, {} at worst\n", describe_count(summary.stops, "stop"),
                           describe_pause(summary.pause_total), describe_pause(summary.pause_max));
        if (attached != nullptr)
            out += fmt::format("process: {}, python {}, {}\n", describe_process(*attached),
                               printable(attached->python), printable(attached->executable));
        if (!summary.ended.empty()) out += "ended: " + printable(summary.ended) + "\n";
        if (hides_values_) {
            out += format_note(shows_values_ ? "some values are hidden; --show-value NAME shows them"
                                             : "argument values are hidden; --show-values shows them");
        }
        if (attached != nullptr)
            for (const std::string& note : attached->notes) out += format_note(note);
        for (const std::string& note : summary.notes) out += format_note(note);
        return out;
    }

    ReportContext context_;
    Paint paint_;
    bool several_ = false;
    std::map<TargetId, AttachedFacts> attached_;            // to those that have not ended
    std::unordered_map<std::string, std::size_t> numbers_;  // fingerprint -> number of its block
    std::unordered_set<std::string> told_origins_;          // fingerprints
    bool hides_values_ = false;
    bool shows_values_ = false;
};

}  // namespace

std::unique_ptr<RunReport> make_text_report(const ReportContext& context) {
    return std::make_unique<TextReport>(context);
}

}  // namespace corotrace
