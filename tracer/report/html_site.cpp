// SPDX-License-Identifier: MIT
#include "tracer/report/html_site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "symbols/escape.hpp"
#include "tracer/report/fix_diff.hpp"
#include "tracer/report/names.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/site_table.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {
namespace {

// `text` has passed printable().
std::string field(std::string_view label, std::string_view text) {
    return fmt::format("<dt>{}</dt><dd>{}</dd>\n", label, escape_markup(text));
}

// The line itself, without the white space around it.
std::string format_line(const Frame& frame) {
    const std::string_view line = strip(*frame.source);
    const auto part = [&](std::size_t from, std::size_t to) {
        return escape_markup(printable_source(line.substr(from, to - from)));
    };
    const auto marked = find_marked_part(frame);
    return marked ? part(0, marked->from) + "<mark>" + part(marked->from, marked->to) + "</mark>" +
                        part(marked->to, line.size())
                  : part(0, line.size());
}

// The white space that all lines begin with but those that are empty.
std::size_t measure_indent(const std::vector<std::string>& lines) {
    std::string_view indent;
    bool is_first = true;
    for (const std::string_view line : lines) {
        if (strip(line).empty()) continue;
        const std::string_view own = line.substr(0, line.find_first_not_of(" \t\f"));
        if (is_first) indent = own;
        is_first = false;
        indent = indent.substr(
            0, static_cast<std::size_t>(std::ranges::mismatch(indent, own).in1 - indent.begin()));
    }
    return indent.size();
}

// With numbers; the lines around it paler than the one that is meant, which has a ">".
std::string format_around(const Frame& frame) {
    const SourceAround& around = *frame.around;
    const std::size_t indent = measure_indent(around.lines);
    const auto last = around.first + static_cast<int>(around.lines.size()) - 1;
    const std::size_t columns = std::to_string(last).size();
    std::string out;
    int number = around.first;
    for (const std::string& line : around.lines) {
        if (number > around.first) out += "\n";
        const bool is_it = number == *frame.line;
        const std::string head = fmt::format("{} {:>{}} ", is_it ? '>' : ' ', number++, columns);
        if (!is_it) {
            const std::string_view rest = std::string_view(line).substr(std::min(indent, line.size()));
            out += "<span class=\"around\">" + head + escape_markup(printable_source(rest)) + "</span>";
            continue;
        }
        const std::size_t own = std::min(frame.source->find_first_not_of(" \t\f"), frame.source->size());
        const std::string_view before = std::string_view(*frame.source).substr(0, own);
        out += escape_markup(head) + printable_source(before.substr(std::min(indent, before.size()))) +
               format_line(frame);
    }
    return out;
}

bool has_around(const Frame& frame) {
    if (frame.around == nullptr || !frame.line || frame.around->lines.size() < 2) return false;
    const std::int64_t at = std::int64_t{*frame.line} - frame.around->first;
    return at >= 0 && at < static_cast<std::int64_t>(frame.around->lines.size());
}

std::string format_source(const Frame& frame) {
    if (!frame.source || strip(*frame.source).empty()) return "";
    return "<pre>" + (has_around(frame) ? format_around(frame) : format_line(frame)) + "</pre>";
}

std::string format_frame(const Frame& frame) {
    return "<li>" + escape_markup(describe_place(frame)) + format_source(frame) + "</li>\n";
}

class HtmlSite {
public:
    HtmlSite(const MergedSite& merged, const HtmlSiteOptions& options)
        : site_(merged.site), finding_(merged.site.first), pids_(merged.pids), options_(options) {}

    [[nodiscard]] std::string format(std::size_t number, const std::vector<std::string>& related) const {
        const TableRow row = make_table_row(site_, number, options_.never_awaited, options_.own);
        std::string out = fmt::format(
            "<details class=\"site\" data-count=\"{}\"{}>\n<summary><b>{}</b> <span "
            "class=\"count\">{}</span> "
            "<span class=\"share\">{}</span> <code>{}</code> <span class=\"place\">{}</span>",
            site_.count.value_or(0), number == 1 ? " open" : "", row.number, escape_markup(row.count),
            escape_markup(row.share), escape_markup(row.coroutine), escape_markup(row.place));
        if (finding_.mistake)
            out += " <span class=\"mistake\">" + escape_html(finding_.mistake->id) + "</span>";
        out += "</summary>\n<h2>" + escape_markup(describe_headline(finding_)) + "</h2>\n<dl>\n";
        out += format_diagnosis() + format_circumstances();
        std::string_view label = "created";
        for (const std::string& line : describe_creators(site_)) out += field(std::exchange(label, ""), line);
        for (const std::string& one : related) out += field("related", one);
        out += "</dl>\n" + format_stacks();
        for (const std::string& note : finding_.notes)
            out += "<p class=\"note\">" + escape_html(note) + "</p>\n";
        return out + "</details>\n";
    }

private:
    [[nodiscard]] std::string format_diagnosis() const {
        if (!finding_.mistake) return "";
        std::string out = field("mistake", printable(finding_.mistake->sentence));
        if (finding_.mistake->fix) out += format_fix(*finding_.mistake->fix);
        return finding_.mistake->advice ? out + field("advice", printable(*finding_.mistake->advice)) : out;
    }

    [[nodiscard]] std::string format_fix(const std::string& fix) const {
        const auto lines = make_fix_diff(finding_);
        if (lines.empty()) return "<dt>fix</dt><dd><code>" + escape_html(fix) + "</code></dd>\n";
        std::string diff;
        for (const DiffLine& line : lines) {
            const std::string text = escape_markup(line.text);
            diff += diff.empty() ? "" : "\n";
            diff += line.part == DiffPart::kRemoved ? "<del>" + text + "</del>"
                    : line.part == DiffPart::kAdded ? "<ins>" + text + "</ins>"
                                                    : "<span class=\"around\">" + text + "</span>";
        }
        return "<dt>fix</dt><dd><pre>" + diff + "</pre></dd>\n";
    }

    [[nodiscard]] std::string format_arguments() const {
        if (finding_.lost_task) return "";
        const auto& arguments = finding_.coroutine.arguments;
        if (!arguments) return field("arguments", "unknown");
        std::string list;
        for (const Argument& argument : *arguments)
            list += (list.empty() ? "" : ", ") + describe_argument(argument);
        return list.empty() ? "" : field("arguments", list);
    }

    [[nodiscard]] std::string format_circumstances() const {
        std::string out = format_arguments();
        if (finding_.coroutine.file) out += field("defined", describe_definition(finding_.coroutine));
        if (finding_.lost_task && finding_.lost_task->type)
            out += field("type", printable(*finding_.lost_task->type));
        if (finding_.lost_task && finding_.lost_task->exception)
            out += field("exception", printable(*finding_.lost_task->exception));
        if (const auto cause = describe_cause(finding_.dropped.cause)) out += field("cause", *cause);
        if (finding_.warning) out += field("warning", describe_warning(*finding_.warning));
        if (options_.several) out += field("processes", describe_pids(pids_));
        if (finding_.task) out += field("task", describe_running_task(*finding_.task));
        if (finding_.test) out += field("test", printable(*finding_.test));
        if (finding_.created.test) out += field("made in test", printable(*finding_.created.test));
        return out + field("first seen", format_time(finding_.time)) +
               field("fingerprint", printable(finding_.fingerprint));
    }

    [[nodiscard]] std::string format_stack(std::string_view title, std::span<const Frame> frames) const {
        std::string out = "<h3>" + escape_markup(title) + "</h3>\n<ol>\n";
        for (const FrameRun& run : split_runs(frames, options_.own)) {
            out += run.folded
                       ? "<li><details><summary>" + escape_markup(describe_fold(run.frames)) +
                             "</summary><ol>\n" + format_html_frames(run.frames) + "</ol></details></li>\n"
                       : format_html_frames(run.frames);
        }
        return out + "</ol>\n";
    }

    [[nodiscard]] std::string format_stacks() const {
        std::string out;
        const CreatedFacts& created = finding_.created;
        if (created.how != CreationSource::kUnknown)
            out += format_stack(
                created.how == CreationSource::kOrigin ? "Created at" : "Created at, inferred from the code",
                created.frames);
        if (finding_.lost_task) {
            const LostTaskFacts& task = *finding_.lost_task;
            if (task.awaiting)
                out += format_stack(task.awaiting->empty() ? "Had not started" : describe_wait(task.closed),
                                    *task.awaiting);
            if (task.raised) out += format_stack("Failed at", *task.raised);
        }
        return out + (finding_.blamed ? format_blamed(*finding_.blamed) : format_dropped(finding_.dropped));
    }

    [[nodiscard]] static std::string_view describe_wait(bool closed) {
        return closed ? "Ran last, before the collector closed it" : "Was waiting at";
    }

    [[nodiscard]] std::string format_dropped(const DroppedFacts& dropped) const {
        std::string out;
        if (dropped.ended)
            out += format_stack("Ended just before, and dropped it (recovered)", {&*dropped.ended, 1});
        if (!dropped.frames) return out + "<h3>Dropped at: not seen</h3>\n";
        if (dropped.frames->empty()) return out + "<h3>Dropped at: no Python frame was running</h3>\n";
        std::string title = "Dropped at";
        if (dropped.collector) {
            title = "Collected by " + printable(*dropped.collector) + "(), called here";
        } else if (dropped.cause == DropCause::kCyclicGc) {
            title = "Collected while this ran, which need not be at fault";
        }
        return out + format_stack(title, *dropped.frames);
    }

    [[nodiscard]] static std::string format_blamed(const BlamedLine& blamed) {
        std::string place = printable(blamed.file.value_or(blamed.module));
        if (blamed.line) place += fmt::format(":{}", *blamed.line);
        std::string out =
            "<h3>Blamed by Python&#39;s own warning</h3>\n<ol>\n<li>" + escape_markup(place) + "</li>\n";
        if (blamed.source)
            out += "<li><pre>" + escape_markup(printable_source(strip(*blamed.source))) + "</pre></li>\n";
        return out + "</ol>\n";
    }

    const SiteCount& site_;
    const Finding& finding_;
    const std::set<pid_t>& pids_;
    const HtmlSiteOptions& options_;
};

}  // namespace

std::string escape_html(std::string_view text) {
    return escape_markup(printable(text));
}

std::string format_html_frames(std::span<const Frame> frames) {
    std::string out;
    for (std::size_t at = 0; at < frames.size();) {
        const std::size_t repeated = count_repeated(frames.subspan(at));
        for (std::size_t i = 0; i < std::min(repeated, kMostRepeated); ++i) out += format_frame(frames[at]);
        if (repeated > kMostRepeated)
            out += "<li>the same line " + describe_count(repeated - kMostRepeated, "more time") + "</li>\n";
        at += repeated;
    }
    return out;
}

std::string format_html_site(const MergedSite& site, std::size_t number, const HtmlSiteOptions& options,
                             const std::vector<std::string>& related) {
    return HtmlSite(site, options).format(number, related);
}

}  // namespace corotrace
