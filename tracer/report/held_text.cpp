// SPDX-License-Identifier: MIT
// What scan and tasks found, for people.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "symbols/escape.hpp"
#include "tracer/report/held_report.hpp"
#include "tracer/report/phrases.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kNamesShown = 3;
constexpr std::size_t kMaxDepth = 64;

std::string plural(std::uint64_t count, std::string_view word) {
    return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string describe_subject(const LookFacts& facts) {
    const std::string process = facts.pid ? "process " + std::to_string(*facts.pid) : "a process";
    const std::string python = "CPython " + printable(facts.python);
    if (!facts.core) return process + " (" + python + ")";
    return fmt::format("core file {} of {} ({}, {}, {})", printable(*facts.core),
                       printable(facts.program.value_or("an unknown program")), process,
                       plural(facts.threads.value_or(0), "thread"), python);
}

// What the look did to the process.
std::string describe_touch(const LookFacts& facts) {
    if (facts.core) return {};
    if (!facts.stopped) return "; nothing was stopped or written";
    return fmt::format("; the process was stopped for {:.3f} s, nothing was written",
                       static_cast<double>(facts.stopped->count()) / 1e6);
}

double to_seconds(std::chrono::milliseconds time) {
    return static_cast<double>(time.count()) / 1e3;
}

// ": look 3, 20.0 s after the first". Empty: it is the only one.
std::string format_look(const std::optional<LookNumber>& look) {
    if (!look) return {};
    if (look->number == 1) return ", look 1";
    return fmt::format(", look {}, {:.1f} s after the first", look->number, to_seconds(look->since_first));
}

bool is_first_look(const std::optional<LookNumber>& look) {
    return !look || look->number == 1;
}

std::string format_figures(const LookFacts& facts) {
    const double seconds = static_cast<double>(facts.took.count()) / 1e6;
    std::string out = fmt::format("looked through {:.1f} MB in {:.3f} s{}\n",
                                  static_cast<double>(facts.bytes) / 1e6, seconds, describe_touch(facts));
    if (facts.unread_bytes > 0) {
        out +=
            fmt::format("note: {} bytes could not be read, what is there is missing\n", facts.unread_bytes);
    }
    for (const std::string& note : facts.notes) out += "note: " + printable(note) + "\n";
    return out;
}

std::string name_coroutine(const CoroutineFacts& coroutine) {
    const std::string name = printable(coroutine.qualname.value_or(coroutine.name.value_or("<unknown>")));
    std::string out = coroutine.type && *coroutine.type != "coroutine"
                          ? name + " (" + printable(*coroutine.type) + ")"
                          : name;
    if (coroutine.file) {
        out += "  " + printable(*coroutine.file);
        if (coroutine.line) out += ":" + std::to_string(*coroutine.line);
    }
    return out;
}

std::string format_held_frame(const Frame& frame) {
    const std::string line = frame.line ? std::to_string(*frame.line) : "?";
    std::string out = fmt::format("{}:{} in {}", printable(frame.file), line, printable(frame.function));
    if (frame.source) {
        const auto start = frame.source->find_first_not_of(" \t\f");
        if (start != std::string::npos) out += "  " + printable_source(frame.source->substr(start));
    }
    return out;
}

std::string format_counts(std::string_view what, const StateCounts& counts) {
    return fmt::format("{}: {} never started, {} started, {} ended\n", what, counts.created, counts.started,
                       counts.ended);
}

std::string format_holder(const HeldGroup& group) {
    if (!group.holder) return "held by: not found";
    const HolderFacts& holder = *group.holder;
    std::string out = "held by " + printable(holder.path);
    if (holder.frame) out += " in " + format_held_frame(*holder.frame);
    out += holder.root ? " (" + printable(*holder.root) + ")" : ", and what holds that was not found";
    if (group.count > 1) {
        out += fmt::format("\n          and {} more in {}", group.count - 1,
                           printable(group.held_in.value_or("?")));
    }
    return out;
}

std::string format_stay(const HeldGroup& group) {
    if (!group.stay || group.stay->stayed == 0) return {};
    return fmt::format(
        "          {} of them stayed, the oldest for {:.1f} s; {:+} since the look before, {:+} since the "
        "first\n",
        group.stay->stayed, to_seconds(group.stay->oldest), group.stay->growth, group.stay->growth_in_all);
}

std::string format_group(const HeldGroup& group) {
    std::string out = fmt::format("{:>8}  {}\n", group.count, name_coroutine(group.coroutine));
    out += format_stay(group);
    if (group.coroutine.arguments && !group.coroutine.arguments->empty()) {
        out += "          arguments: ";
        for (std::size_t i = 0; i < group.coroutine.arguments->size(); ++i) {
            out += (i == 0 ? "" : ", ") + describe_argument((*group.coroutine.arguments)[i]);
        }
        out += group.count > 1 ? " (of one of them)\n" : "\n";
    }
    if (group.created_at && !group.created_at->empty()) {
        out += "          created at " + format_held_frame(group.created_at->back()) + "\n";
    }
    return out + "          " + format_holder(group) + "\n";
}

std::string format_watched(const WatchedFacts& watched) {
    std::string out =
        fmt::format("\na corotrace watched it, and had counted {} never awaited, {} warned of\n",
                    watched.never_awaited, watched.warned);
    for (const WatchedSite& site : watched.sites) {
        out += fmt::format("{:>8}  {}\n", site.count, name_coroutine(site.coroutine));
        if (!site.stack.empty()) out += "          dropped at " + format_held_frame(site.stack.back()) + "\n";
    }
    if (watched.unnamed > 0) {
        out += fmt::format("{:>8}  at {} that only its own report names\n", watched.unnamed,
                           watched.unnamed_places == 0 ? "places" : plural(watched.unnamed_places, "place"));
    }
    return out;
}

std::string name_task(const HeldTask& task) {
    return printable(task.name.value_or("<unnamed>"));
}

std::string format_task_place(const HeldTask& task, const std::string& indent) {
    std::string out;
    for (const Frame& frame : task.stack) out += indent + format_held_frame(frame) + "\n";
    if (task.waits_on) out += indent + "waits on a " + printable(*task.waits_on) + "\n";
    return out;
}

class Tree {
public:
    explicit Tree(const TaskReport& report) : report_(report) {
        for (const HeldTask& task : report.tasks) tasks_.emplace(task.id, &task);
        for (const HeldTask& task : report.tasks) {
            for (const std::uint64_t other : task.waits_for) awaited_.insert(other);
        }
    }

    // Roots are what nobody waits for; what is left afterwards waits in circles.
    std::string format() {
        for (const HeldTask& task : report_.tasks) {
            if (!awaited_.contains(task.id)) add(task, 0);
        }
        for (const HeldTask& task : report_.tasks) {
            if (!shown_.contains(task.id)) add(task, 0);
        }
        return std::move(out_);
    }

private:
    void add(const HeldTask& task, std::size_t depth) {
        const std::string indent(2 * std::min(depth, kMaxDepth), ' ');
        const bool is_again = !shown_.insert(task.id).second;
        out_ += fmt::format("{}{} [{}] {}{}\n", indent, name_task(task), task.state,
                            name_coroutine(task.coroutine), is_again ? "  (above)" : "");
        if (is_again || depth >= kMaxDepth) return;
        out_ += format_task_place(task, indent + "    ");
        for (const std::uint64_t other : task.waits_for) {
            if (const auto found = tasks_.find(other); found != tasks_.end()) add(*found->second, depth + 1);
        }
    }

    const TaskReport& report_;
    std::map<std::uint64_t, const HeldTask*> tasks_;
    std::set<std::uint64_t> awaited_;
    std::set<std::uint64_t> shown_;
    std::string out_;
};

std::string format_cycles(const TaskReport& report) {
    std::map<std::uint64_t, const HeldTask*> tasks;
    for (const HeldTask& task : report.tasks) tasks.emplace(task.id, &task);
    std::string out;
    for (const auto& cycle : report.cycles) {
        out += "deadlock: ";
        for (const std::uint64_t id : cycle) out += name_task(*tasks.at(id)) + " waits for ";
        out += name_task(*tasks.at(cycle.front())) + "\n";
    }
    return out;
}

std::string format_task_group(const TaskReport& report, const TaskGroup& group) {
    const HeldTask& first = report.tasks[group.members.front()];
    std::string names;
    for (std::size_t i = 0; i < std::min(group.members.size(), kNamesShown); ++i) {
        names += (i == 0 ? "" : ", ") + name_task(report.tasks[group.members[i]]);
    }
    if (group.members.size() > kNamesShown) names += ", ...";
    std::string out = fmt::format("{:>8}  {}  {}\n          {}\n", group.members.size(), first.state,
                                  name_coroutine(first.coroutine), names);
    std::chrono::milliseconds unmoved{};
    for (const std::size_t i : group.members) {
        unmoved = std::max(unmoved, report.tasks[i].unmoved.value_or(unmoved));
    }
    if (unmoved.count() > 0) out += fmt::format("          unmoved for {:.1f} s\n", to_seconds(unmoved));
    out += format_task_place(first, "          ");
    if (!first.waits_for.empty()) {
        out += "          waits for " + plural(first.waits_for.size(), "task") + "\n";
    }
    return out;
}

}  // namespace

std::string format_held_text(const HeldReport& report) {
    std::uint64_t held = 0;
    const bool is_first = is_first_look(report.look);
    for (const HeldGroup& group : report.groups) held += is_first ? group.count : group.stay->stayed;
    std::string out = fmt::format("{}{}: {} held and never started{}, in {}\n",
                                  describe_subject(report.facts), format_look(report.look), held,
                                  is_first ? "" : ", stayed", plural(report.groups.size(), "group"));
    for (const HeldGroup& group : report.groups) out += "\n" + format_group(group);
    for (const WatchedFacts& watched : report.watched) out += format_watched(watched);
    out += "\n" + format_counts("coroutines", report.coroutines);
    out += format_counts("async generators", report.async_generators);
    out += format_counts("asend and athrow objects", report.agen_methods);
    if (report.scheduled > 0)
        out += fmt::format("{} are scheduled: their task has not run yet\n", report.scheduled);
    if (report.passing > 0)
        out += fmt::format("{} were only passing: started or gone a moment later\n", report.passing);
    return out + format_figures(report.facts);
}

std::string format_watch_end_text(std::uint64_t looks, const std::string& ended) {
    return fmt::format("{}, {}\n", plural(looks, "look"), ended);
}

std::string format_tasks_text(const TaskReport& report, bool tree) {
    const std::string unmoved = is_first_look(report.look) ? "" : " that did not move";
    std::string out =
        fmt::format("{}{}: {}{}, {} at different places, {} done\n", describe_subject(report.facts),
                    format_look(report.look), plural(report.tasks.size(), "task"), unmoved,
                    report.groups.size(), report.done);
    out += format_cycles(report);
    if (tree) {
        out += "\n" + Tree(report).format();
    } else {
        for (const TaskGroup& group : report.groups) out += "\n" + format_task_group(report, group);
    }
    return out + "\n" + format_figures(report.facts);
}

}  // namespace corotrace
