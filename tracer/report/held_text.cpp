// SPDX-License-Identifier: MIT
// What scan and tasks found, for people at a terminal.
#include <fmt/format.h>

#include "symbols/escape.hpp"
#include "tracer/report/held_phrases.hpp"
#include "tracer/report/held_report.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {

namespace {

// Below a line that begins with a count.
constexpr std::string_view kBelow = "          ";

// A line below, unless there is nothing to say.
std::string below(const std::string& text) {
    return text.empty() ? "" : std::string(kBelow) + text + "\n";
}

std::string format_lines(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines) out += line + "\n";
    return out;
}

std::string format_group(const HeldGroup& group) {
    std::string out = fmt::format("{:>8}  {}\n", group.count, describe_held_coroutine(group.coroutine));
    out += below(describe_stay(group));
    const std::string arguments = describe_held_arguments(group);
    if (!arguments.empty()) out += below("arguments: " + arguments);
    if (group.created_at && !group.created_at->empty()) {
        out += below("created at " + describe_held_frame(group.created_at->back()));
    }
    return out + below(describe_holder(group)) + below(describe_further_holders(group));
}

std::string format_watched(const WatchedFacts& watched) {
    std::string out = "\n" + describe_watched(watched) + "\n";
    for (const WatchedSite& site : watched.sites) {
        out += fmt::format("{:>8}  {}\n", site.count, describe_held_coroutine(site.coroutine));
        if (!site.stack.empty()) out += below("dropped at " + describe_held_frame(site.stack.back()));
    }
    const std::string unnamed = describe_unnamed(watched);
    return unnamed.empty() ? out : out + fmt::format("{:>8}  {}\n", watched.unnamed, unnamed);
}

std::string format_task_place(const HeldTask& task, std::string_view indent) {
    std::string out;
    for (const Frame& frame : task.stack) out += std::string(indent) + describe_held_frame(frame) + "\n";
    if (task.waits_on) out += std::string(indent) + "waits on a " + printable(*task.waits_on) + "\n";
    return out;
}

std::string format_task_group(const TaskReport& report, const TaskGroup& group) {
    const HeldTask& first = report.tasks[group.members.front()];
    std::string out = fmt::format("{:>8}  {}  {}\n", group.members.size(), first.state,
                                  describe_held_coroutine(first.coroutine));
    out += below(name_members(report, group)) + below(describe_unmoved(report, group));
    if (first.created_at) out += below("created at " + describe_held_frame(first.created_at->back()));
    out += format_task_place(first, kBelow) + below(describe_lock(report, group));
    return first.waits_for.empty()
               ? out
               : out + below("waits for " + describe_count(first.waits_for.size(), "task"));
}

std::string format_failed(const FailedTasks& failed) {
    std::string out =
        fmt::format("{:>8}  failed  {}\n", failed.count, describe_held_coroutine(failed.coroutine));
    out += below(printable(failed.name.value_or("<unnamed>")) + (failed.count > 1 ? ", ..." : ""));
    for (const Frame& frame : failed.raised) out += below(describe_held_frame(frame));
    return out + below(describe_failure(failed.exception));
}

std::string format_failed(const FailedFutures& failed) {
    std::string out =
        fmt::format("{:>8}  failed  a {}\n", failed.count, printable(failed.type.value_or("future")));
    for (const Frame& frame : failed.raised) out += below(describe_held_frame(frame));
    return out + below(describe_failure(failed.exception));
}

std::string format_tree(const TaskReport& report) {
    std::string out;
    walk_task_tree(report, [&](const HeldTask& task, std::size_t depth, bool is_again) {
        const std::string indent(2 * depth, ' ');
        out += fmt::format("{}{} [{}] {}{}\n", indent, name_task(task), task.state,
                           describe_held_coroutine(task.coroutine), is_again ? "  (above)" : "");
        if (!is_again) out += format_task_place(task, indent + "    ");
    });
    return out;
}

}  // namespace

std::string format_held_text(const HeldReport& report) {
    std::string out = describe_held(report) + "\n";
    for (const HeldGroup& group : report.groups) out += "\n" + format_group(group);
    for (const WatchedFacts& watched : report.watched) out += format_watched(watched);
    return out + "\n" + format_lines(describe_states(report)) + format_lines(describe_look(report.facts));
}

std::string format_watch_end_text(std::uint64_t looks, const std::string& ended) {
    return fmt::format("{}, {}\n", describe_count(looks, "look"), ended);
}

std::string format_tasks_text(const TaskReport& report, bool tree) {
    std::string out = describe_tasks(report) + "\n" + format_lines(describe_deadlocks(report));
    if (tree) {
        out += "\n" + format_tree(report);
    } else {
        for (const TaskGroup& group : report.groups) out += "\n" + format_task_group(report, group);
    }
    for (const FailedTasks& failed : report.failed) out += "\n" + format_failed(failed);
    for (const FailedFutures& failed : report.failed_futures) out += "\n" + format_failed(failed);
    return out + "\n" + format_lines(describe_look(report.facts));
}

}  // namespace corotrace
