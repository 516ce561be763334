// SPDX-License-Identifier: MIT
#include "tracer/report/site_block.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "symbols/escape.hpp"
#include "tracer/findings/merged_sites.hpp"
#include "tracer/findings/own_place.hpp"
#include "tracer/report/fix_diff.hpp"
#include "tracer/report/names.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {
namespace {

constexpr std::size_t kLabelColumns = 11;  // "arguments" and its gap
constexpr std::size_t kFieldIndent = 2;

std::string next_line() {
    return std::string("\n") + std::string(kFieldIndent + kLabelColumns, ' ');
}

std::string describe_thread(const Finding& finding) {
    std::string out = finding.thread_name ? printable(*finding.thread_name) + " " : "";
    if (finding.tid) out += fmt::format("({})", *finding.tid);
    return out;
}

// On one line if that fits `columns`, else one a line under each other. All that are None are told together.
std::string join_arguments(const std::vector<Argument>& arguments, std::size_t columns) {
    std::string line;
    std::string list;
    std::size_t nones = 0;
    const auto add = [&](const std::string& text) {
        list += (list.empty() ? "" : next_line()) + text;
        line += (line.empty() ? "" : ", ") + text;
    };
    for (const Argument& argument : arguments) {
        if (argument.type == "NoneType") {
            ++nones;
        } else {
            add(describe_argument(argument));
        }
    }
    if (nones == 1) {
        const auto none =
            std::ranges::find(arguments, std::optional<std::string>("NoneType"), &Argument::type);
        add(printable(none->name) + ": None");
    } else if (nones > 1) {
        const bool all = nones == arguments.size();
        add(std::to_string(nones) + (all ? ", all of them None" : " more that are None"));
    }
    const bool fits = kFieldIndent + kLabelColumns + display_width(line) <= columns;
    return fits ? line : list;
}

}  // namespace

std::string format_note(const Paint& paint, std::string_view note) {
    return paint(Style::kLabel, "note:") + " " + printable(note) + "\n";
}

std::string SiteBlock::format_first(const Finding& finding, std::size_t number) const {
    std::string out = fmt::format("#{} {}", number, paint_(Style::kHeadline, describe_headline(finding)));
    if (!finding.first_at_site)
        out += fmt::format(" (again, {} so far)", describe_count(finding.count.value_or(0), "time"));
    const Frame* place = own_place(finding, options_.own);
    if (place != nullptr) {
        out += ": " + describe_place(*place);
    } else if (finding.blamed) {
        out += ": blamed " + printable(finding.blamed->file.value_or(finding.blamed->module));
        if (finding.blamed->line) out += fmt::format(":{}", *finding.blamed->line);
    }
    if (finding.mistake) out += " [" + printable(finding.mistake->id) + "]";
    out += "\n";
    if (!finding.first_at_site) out += format_arguments(finding);
    return out;
}

std::string SiteBlock::format(const SiteCount& site, std::size_t number, const std::set<pid_t>& pids,
                              const std::vector<std::string>& related) const {
    const Finding& finding = site.first;
    std::string out = format_headline(site, number);
    out += format_where(finding);
    out += format_mistake(finding);
    out += format_arguments(finding);
    out += format_circumstances(finding, pids);
    for (const std::string& one : related) out += format_field("related", one);
    out += format_creators(site);
    out += format_created(finding.created);
    if (finding.lost_task) out += format_lost_task(*finding.lost_task);
    out += finding.blamed ? format_blamed(*finding.blamed) : format_dropped(finding.dropped);
    for (const std::string& note : finding.notes) out += format_note(paint_, note);
    return out;
}

std::string SiteBlock::format_headline(const SiteCount& site, std::size_t number) const {
    std::string out = number == 0 ? "" : fmt::format("#{} ", number);
    out += paint_(Style::kHeadline, describe_headline(site.first));
    if (site.count && (*site.count != 1 || !site.exact))
        out += fmt::format(", {}{}", site.exact ? "" : "about ", describe_count(*site.count, "time"));
    return out + "\n";
}

std::string SiteBlock::format_field(std::string_view label, std::string_view value) const {
    const std::string padded = fmt::format("{:<{}}", label, kLabelColumns);
    return std::string(kFieldIndent, ' ') + paint_(Style::kLabel, padded) + std::string(value) + "\n";
}

std::string SiteBlock::format_where(const Finding& finding) const {
    const Frame* place = own_place(finding, options_.own);
    if (place == nullptr) return "";
    std::string out = describe_place(*place);
    if (place->source && line_to_fix(finding) != strip(*place->source)) {
        const std::string line = printable_source(strip(*place->source));
        if (!line.empty()) out += next_line() + "  " + line;
    }
    return format_field("where", out);
}

std::string SiteBlock::format_mistake(const Finding& finding) const {
    if (!finding.mistake) return "";
    const Mistake& mistake = *finding.mistake;
    std::string out =
        format_field("mistake", fmt::format("{} [{}]", printable(mistake.sentence), printable(mistake.id)));
    std::string diff;
    for (const DiffLine& line : make_fix_diff(finding)) {
        diff += diff.empty() ? "" : next_line();
        diff += line.part == DiffPart::kRemoved ? paint_(Style::kBad, line.text)
                : line.part == DiffPart::kAdded ? paint_(Style::kGood, line.text)
                                                : line.text;
    }
    if (!diff.empty()) {
        out += format_field("fix", diff);
    } else if (mistake.fix) {
        out += format_field("fix", printable(*mistake.fix));
    }
    return mistake.advice ? out + format_field("advice", printable(*mistake.advice)) : out;
}

// What a task was called with has changed since.
std::string SiteBlock::format_arguments(const Finding& finding) const {
    if (finding.lost_task) return "";
    const auto& arguments = finding.coroutine.arguments;
    if (!arguments) return format_field("arguments", "unknown");
    if (arguments->empty()) return "";
    return format_field("arguments", join_arguments(*arguments, options_.columns));
}

std::string SiteBlock::format_circumstances(const Finding& finding, const std::set<pid_t>& pids) const {
    std::string out;
    if (finding.coroutine.file) out += format_field("defined", describe_definition(finding.coroutine));
    if (finding.lost_task && finding.lost_task->type)
        out += format_field("type", printable(*finding.lost_task->type));
    if (const auto cause = describe_cause(finding.dropped.cause)) out += format_field("cause", *cause);
    if (finding.warning) out += format_field("warning", describe_warning(*finding.warning));
    if (options_.several) out += format_field("process", describe_pids(pids));
    const std::string thread = describe_thread(finding);
    if (!thread.empty()) out += format_field("thread", thread);
    if (finding.task) out += format_field("task", describe_running_task(*finding.task));
    if (finding.test) out += format_field("test", printable(*finding.test));
    if (finding.created.test && finding.created.test != finding.test)
        out += format_field("made in", printable(*finding.created.test));
    return out + format_field("seen", format_time(finding.time) + "  id " + printable(finding.fingerprint));
}

std::string SiteBlock::format_title(std::string_view title) const {
    return paint_(Style::kTitle, title) + "\n";
}

std::string SiteBlock::format_stack(std::string_view title, const std::vector<Frame>& frames) const {
    return format_title(title) + (options_.full_stack ? format_frames(frames, paint_)
                                                      : format_folded_frames(frames, options_.own, paint_));
}

std::string SiteBlock::format_creators(const SiteCount& site) const {
    std::string text;
    for (const std::string& line : describe_creators(site)) text += (text.empty() ? "" : next_line()) + line;
    return text.empty() ? "" : format_field("created", text);
}

std::string SiteBlock::format_created(const CreatedFacts& created) const {
    switch (created.how) {
        case CreationSource::kUnknown:
            return "";
        case CreationSource::kOrigin:
            return format_stack("Created at (most recent call last):", created.frames);
        case CreationSource::kInferred:
            return format_stack("Created at (inferred from the code):", created.frames);
    }
    return "";
}

std::string SiteBlock::format_dropped(const DroppedFacts& dropped) const {
    std::string out;
    if (dropped.ended)
        out += format_stack("Ended just before, and dropped it (recovered):", {*dropped.ended});
    if (!dropped.frames) {
        out += format_title("Dropped at: not seen");
    } else if (dropped.frames->empty()) {
        out += format_title("Dropped at: no Python frame was running");
    } else if (dropped.collector) {
        out += format_stack(
            "Collected by " + printable(*dropped.collector) + "(), called here (most recent call last):",
            *dropped.frames);
    } else if (dropped.cause == DropCause::kCyclicGc) {
        out += format_stack("Collected while this ran, which need not be at fault (most recent call last):",
                            *dropped.frames);
    } else {
        out += format_stack("Dropped at (most recent call last):", *dropped.frames);
    }
    if (dropped.native)
        out += format_title("Native stack (most recent call first):") + format_native_frames(*dropped.native);
    return out;
}

std::string SiteBlock::format_lost_task(const LostTaskFacts& task) const {
    std::string out;
    if (task.awaiting && task.awaiting->empty()) out += format_title("Had not started");
    if (task.awaiting && !task.awaiting->empty()) {
        out += format_stack(task.closed ? "Ran last, before the collector closed it:"
                                        : "Was waiting at (most recent call last):",
                            *task.awaiting);
    }
    if (task.raised && !task.raised->empty())
        out += format_stack("Failed at (most recent call last):", *task.raised);
    return out;
}

std::string SiteBlock::format_blamed(const BlamedLine& blamed) const {
    const std::string line = blamed.line ? fmt::format(", line {}", *blamed.line) : "";
    std::string out = format_title("Blamed by Python's own warning:");
    out += blamed.file ? fmt::format("  File \"{}\"{}, module {}\n", printable(*blamed.file), line,
                                     printable(blamed.module))
                       : fmt::format("  Module {}{}\n", printable(blamed.module), line);
    if (blamed.source) out += "    " + printable_source(strip(*blamed.source)) + "\n";
    return out;
}

}  // namespace corotrace
