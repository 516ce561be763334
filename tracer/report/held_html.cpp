// SPDX-License-Identifier: MIT
// What scan and tasks found, as a page.
#include <fmt/format.h>

#include "symbols/escape.hpp"
#include "tracer/report/held_phrases.hpp"
#include "tracer/report/held_report.hpp"
#include "tracer/report/html_page.hpp"
#include "tracer/report/html_site.hpp"
#include "tracer/report/names.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {

namespace {

// All texts of this file have passed printable().
std::string held_field(std::string_view label, const std::string& text) {
    return text.empty() ? "" : fmt::format("<dt>{}</dt><dd>{}</dd>\n", label, escape_markup(text));
}

std::string held_paragraph(const std::string& text) {
    return "<p>" + escape_markup(text) + "</p>\n";
}

std::string begin_page(const std::string& headline, const LookFacts& facts,
                       const std::vector<std::string>& lines) {
    std::string out = format_page_head("corotrace: " + escape_markup(headline)) + "<header>\n<h1>" +
                      escape_markup(headline) + "</h1>\n" + held_paragraph("at " + format_time(facts.time));
    for (const std::string& line : lines) out += held_paragraph(line);
    for (const std::string& line : describe_look(facts)) out += held_paragraph(line);
    return out + "</header>\n";
}

// The head of a group, whose fields follow. The first one is open.
std::string begin_group(std::size_t number, std::uint64_t count, const std::optional<std::string>& name,
                        std::string_view place, std::string_view badge) {
    return fmt::format(
        "<details class=\"site\" data-count=\"{}\"{}>\n<summary><b>{}</b> <span class=\"count\">{}</span> "
        "<code>{}</code> <span class=\"place\">{}</span> <span class=\"mistake\">{}</span></summary>\n<dl>\n",
        count, number == 1 ? " open" : "", number, count,
        escape_markup(printable(name.value_or("<unknown>"))), escape_markup(place), escape_markup(badge));
}

std::string format_stack_of(std::string_view title, const std::vector<Frame>& frames) {
    if (frames.empty()) return "";
    return fmt::format("<h3>{}</h3>\n<ol>\n{}</ol>\n", title, format_html_frames(frames));
}

std::string format_held_group(const HeldGroup& group, std::size_t number) {
    const std::string root =
        group.holder ? printable(group.holder->root.value_or("holder not found")) : "holder not found";
    std::string out = begin_group(number, group.count, group.coroutine.qualname,
                                  group.holder ? printable(group.holder->path) : "", root);
    out += held_field("coroutine", describe_held_coroutine(group.coroutine));
    out += held_field("arguments", describe_held_arguments(group));
    out += held_field("holder", describe_holder(group));
    out += held_field("further", describe_further_holders(group));
    out += held_field("stayed", describe_stay(group)) + "</dl>\n";
    if (group.created_at) out += format_stack_of("Created at", *group.created_at);
    if (group.holder && group.holder->frame) out += format_stack_of("Held in", {*group.holder->frame});
    return out + "</details>\n";
}

std::string format_html_watched(const WatchedFacts& watched) {
    std::string out = "<h2>" + escape_markup(describe_watched(watched)) + "</h2>\n<ol>\n";
    for (const WatchedSite& site : watched.sites) {
        out += fmt::format("<li>{}  {}</li>\n", site.count,
                           escape_markup(describe_held_coroutine(site.coroutine)));
        if (!site.stack.empty()) out += format_html_frames({&site.stack.back(), 1});
    }
    const std::string unnamed = describe_unnamed(watched);
    if (!unnamed.empty()) out += fmt::format("<li>{}  {}</li>\n", watched.unnamed, escape_markup(unnamed));
    return out + "</ol>\n";
}

std::string format_html_task_group(const TaskReport& report, const TaskGroup& group, std::size_t number) {
    const HeldTask& first = report.tasks[group.members.front()];
    std::string out = begin_group(number, group.members.size(), first.coroutine.qualname,
                                  first.stack.empty() ? "" : describe_place(first.stack.back()), first.state);
    out += held_field("coroutine", describe_held_coroutine(first.coroutine));
    out += held_field("tasks", name_members(report, group));
    out += held_field("since", describe_unmoved(report, group));
    if (first.waits_on) out += held_field("waits on", "a " + printable(*first.waits_on));
    if (!first.waits_for.empty()) {
        out += held_field("waits for", describe_count(first.waits_for.size(), "task"));
    }
    out += held_field("lock", describe_lock(report, group));
    out += "</dl>\n";
    if (first.created_at) out += format_stack_of("Created at", *first.created_at);
    return out + format_stack_of("Waits at", first.stack) + "</details>\n";
}

std::string format_html_failed(const FailedTasks& failed, std::size_t number) {
    std::string out =
        begin_group(number, failed.count, failed.coroutine.qualname,
                    failed.raised.empty() ? "" : describe_place(failed.raised.back()), "failed");
    out += held_field("coroutine", describe_held_coroutine(failed.coroutine));
    out += held_field("task", printable(failed.name.value_or("<unnamed>")));
    out += held_field("exception", describe_failure(failed.exception)) + "</dl>\n";
    return out + format_stack_of("Raised at", failed.raised) + "</details>\n";
}

std::string format_html_failed(const FailedFutures& failed, std::size_t number) {
    std::string out =
        begin_group(number, failed.count, failed.type,
                    failed.raised.empty() ? "" : describe_place(failed.raised.back()), "failed");
    out += held_field("exception", describe_failure(failed.exception)) + "</dl>\n";
    return out + format_stack_of("Raised at", failed.raised) + "</details>\n";
}

std::string format_html_tree(const TaskReport& report) {
    if (report.tasks.empty()) return "";
    std::string out = "<h2>Who waits for whom</h2>\n";
    std::size_t open = 0;  // lists that have begun, each with an item that has not ended
    walk_task_tree(report, [&](const HeldTask& task, std::size_t depth, bool is_again) {
        if (depth == open) {
            out += "\n<ol>\n";
            ++open;
        } else {
            out += "</li>\n";
        }
        for (; open > depth + 1; --open) out += "</ol>\n</li>\n";
        out +=
            fmt::format("<li>{} [{}] {}{}", escape_markup(name_task(task)), task.state,
                        escape_markup(describe_held_coroutine(task.coroutine)), is_again ? " (above)" : "");
    });
    for (; open > 0; --open) out += "</li>\n</ol>\n";
    return out;
}

}  // namespace

std::string format_held_html(const HeldReport& report) {
    std::string out = begin_page(describe_held(report), report.facts, describe_states(report));
    out += page_tools("holder") + "<main>\n";
    std::size_t number = 0;
    for (const HeldGroup& group : report.groups) out += format_held_group(group, ++number);
    out += "</main>\n";
    for (const WatchedFacts& watched : report.watched) out += format_html_watched(watched);
    return out + format_page_end();
}

std::string format_tasks_html(const TaskReport& report) {
    std::string out = begin_page(describe_tasks(report), report.facts, describe_deadlocks(report));
    out += page_tools("state") + "<main>\n";
    std::size_t number = 0;
    for (const TaskGroup& group : report.groups) out += format_html_task_group(report, group, ++number);
    for (const FailedTasks& failed : report.failed) out += format_html_failed(failed, ++number);
    for (const FailedFutures& failed : report.failed_futures) out += format_html_failed(failed, ++number);
    return out + "</main>\n" + format_html_tree(report) + format_page_end();
}

}  // namespace corotrace
