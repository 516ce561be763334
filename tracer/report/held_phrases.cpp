// SPDX-License-Identifier: MIT
#include "tracer/report/held_phrases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "symbols/escape.hpp"
#include "tracer/report/phrases.hpp"
#include "tracer/report/traceback.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kNamesShown = 3;
constexpr std::size_t kMaxTaskDepth = 64;

std::string describe_subject(const LookFacts& facts) {
    const std::string process = facts.pid ? "process " + std::to_string(*facts.pid) : "a process";
    const std::string python = "CPython " + printable(facts.python);
    if (!facts.core) return process + " (" + python + ")";
    return fmt::format("core file {} of {} ({}, {}, {})", printable(*facts.core),
                       printable(facts.program.value_or("an unknown program")), process,
                       describe_count(facts.threads.value_or(0), "thread"), python);
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

bool is_first_look(const std::optional<LookNumber>& look) {
    return !look || look->number == 1;
}

// ", look 3, 20.0 s after the first". Empty: it is the only one.
std::string describe_number(const std::optional<LookNumber>& look) {
    if (!look) return {};
    if (is_first_look(look)) return ", look 1";
    return fmt::format(", look {}, {:.1f} s after the first", look->number, to_seconds(look->since_first));
}

std::string describe_state_counts(std::string_view what, const StateCounts& counts) {
    return fmt::format("{}: {} never started, {} started, {} ended", what, counts.created, counts.started,
                       counts.ended);
}

using TasksById = std::map<std::uint64_t, const HeldTask*>;

TasksById index_tasks(const TaskReport& report) {
    TasksById tasks;
    for (const HeldTask& task : report.tasks) tasks.emplace(task.id, &task);
    return tasks;
}

class TreeWalk {
public:
    TreeWalk(const TaskReport& report, const VisitTask& visit)
        : report_(report), visit_(visit), tasks_(index_tasks(report)) {}

    void run() {
        std::set<std::uint64_t> awaited;
        for (const HeldTask& task : report_.tasks) {
            awaited.insert(task.waits_for.begin(), task.waits_for.end());
        }
        for (const HeldTask& task : report_.tasks) {
            if (!awaited.contains(task.id)) go(task, 0);
        }
        for (const HeldTask& task : report_.tasks) {
            if (!visited_.contains(task.id)) go(task, 0);
        }
    }

private:
    void go(const HeldTask& task, std::size_t depth) {
        const bool is_again = !visited_.insert(task.id).second;
        visit_(task, depth, is_again);
        if (is_again || depth >= kMaxTaskDepth) return;
        for (const std::uint64_t other : task.waits_for) {
            if (const auto found = tasks_.find(other); found != tasks_.end()) go(*found->second, depth + 1);
        }
    }

    const TaskReport& report_;
    const VisitTask& visit_;
    TasksById tasks_;
    std::set<std::uint64_t> visited_;
};

}  // namespace

std::string describe_held(const HeldReport& report) {
    std::uint64_t held = 0;
    const bool is_first = is_first_look(report.look);
    for (const HeldGroup& group : report.groups) held += is_first ? group.count : group.stay->stayed;
    return fmt::format("{}{}: {} held and never started{}, in {}", describe_subject(report.facts),
                       describe_number(report.look), held, is_first ? "" : ", stayed",
                       describe_count(report.groups.size(), "group"));
}

std::string describe_tasks(const TaskReport& report) {
    return fmt::format("{}{}: {}{}, {} at different places, {} done", describe_subject(report.facts),
                       describe_number(report.look), describe_count(report.tasks.size(), "task"),
                       is_first_look(report.look) ? "" : " that did not move", report.groups.size(),
                       report.done);
}

std::vector<std::string> describe_look(const LookFacts& facts) {
    std::vector<std::string> lines{
        fmt::format("looked through {:.1f} MB in {:.3f} s{}", static_cast<double>(facts.bytes) / 1e6,
                    static_cast<double>(facts.took.count()) / 1e6, describe_touch(facts))};
    if (facts.unread_bytes > 0) {
        lines.push_back(
            fmt::format("note: {} bytes could not be read, what is there is missing", facts.unread_bytes));
    }
    for (const std::string& note : facts.notes) lines.push_back("note: " + printable(note));
    return lines;
}

std::vector<std::string> describe_states(const HeldReport& report) {
    std::vector<std::string> lines{describe_state_counts("coroutines", report.coroutines),
                                   describe_state_counts("async generators", report.async_generators),
                                   describe_state_counts("asend and athrow objects", report.agen_methods)};
    if (report.scheduled > 0) {
        lines.push_back(fmt::format("{} are scheduled: their task has not run yet", report.scheduled));
    }
    if (report.passing > 0) {
        lines.push_back(fmt::format("{} were only passing: started or gone a moment later", report.passing));
    }
    return lines;
}

std::string describe_held_coroutine(const CoroutineFacts& coroutine) {
    std::string out = printable(coroutine.qualname.value_or(coroutine.name.value_or("<unknown>")));
    if (coroutine.type && *coroutine.type != "coroutine") out += " (" + printable(*coroutine.type) + ")";
    return coroutine.file ? out + "  " + describe_definition(coroutine) : out;
}

std::string describe_held_arguments(const HeldGroup& group) {
    if (!group.coroutine.arguments) return {};
    std::string out;
    for (const Argument& argument : *group.coroutine.arguments) {
        out += (out.empty() ? "" : ", ") + describe_argument(argument);
    }
    return out.empty() || group.count == 1 ? out : out + " (of one of them)";
}

std::string describe_holder(const HeldGroup& group) {
    if (!group.holder) return "held by: not found";
    const HolderFacts& holder = *group.holder;
    std::string out = "held by " + printable(holder.path);
    if (holder.frame) out += " in " + describe_held_frame(*holder.frame);
    return out + (holder.root ? " (" + printable(*holder.root) + ")" : ", and what holds that was not found");
}

std::string describe_further_holders(const HeldGroup& group) {
    if (!group.holder || group.count < 2) return {};
    return fmt::format("and {} more in {}", group.count - 1, printable(group.held_in.value_or("?")));
}

std::string describe_stay(const HeldGroup& group) {
    if (!group.stay || group.stay->stayed == 0) return {};
    return fmt::format(
        "{} of them stayed, the oldest for {:.1f} s; {:+} since the look before, {:+} since the first",
        group.stay->stayed, to_seconds(group.stay->oldest), group.stay->growth, group.stay->growth_in_all);
}

std::string describe_held_frame(const Frame& frame) {
    const std::string_view source = frame.source ? strip(*frame.source) : std::string_view();
    return source.empty() ? describe_place(frame) : describe_place(frame) + "  " + printable_source(source);
}

std::string describe_watched(const WatchedFacts& watched) {
    return fmt::format("a corotrace watched it, and had counted {} never awaited, {} warned of",
                       watched.never_awaited, watched.warned);
}

std::string describe_unnamed(const WatchedFacts& watched) {
    if (watched.unnamed == 0) return {};
    return fmt::format(
        "at {} that only its own report names",
        watched.unnamed_places == 0 ? "places" : describe_count(watched.unnamed_places, "place"));
}

std::string name_task(const HeldTask& task) {
    return printable(task.name.value_or("<unnamed>"));
}

std::string name_members(const TaskReport& report, const TaskGroup& group) {
    std::string names;
    for (std::size_t i = 0; i < std::min(group.members.size(), kNamesShown); ++i) {
        names += (i == 0 ? "" : ", ") + name_task(report.tasks[group.members[i]]);
    }
    return group.members.size() > kNamesShown ? names + ", ..." : names;
}

std::string describe_unmoved(const TaskReport& report, const TaskGroup& group) {
    std::chrono::milliseconds unmoved{};
    for (const std::size_t i : group.members) {
        unmoved = std::max(unmoved, report.tasks[i].unmoved.value_or(unmoved));
    }
    return unmoved.count() > 0 ? fmt::format("unmoved for {:.1f} s", to_seconds(unmoved)) : "";
}

std::string describe_lock(const TaskReport& report, const TaskGroup& group) {
    const auto& lock = report.tasks[group.members.front()].waits_for_lock;
    if (!lock) return "";
    std::vector<std::uint64_t> holders;
    for (const std::size_t i : group.members) {
        const auto& other = report.tasks[i].waits_for_lock;
        if (other) holders.insert(holders.end(), other->held_by.begin(), other->held_by.end());
    }
    std::ranges::sort(holders);
    holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
    const std::string what = "waits for a lock (" + printable(lock->type) + ")";
    if (holders.empty()) return what + ", held by: not known";
    std::string names;
    for (std::size_t i = 0; i < std::min(holders.size(), kNamesShown); ++i) {
        const auto task = std::ranges::find(report.tasks, holders[i], &HeldTask::id);
        names += (i == 0 ? "" : ", ") + (task == report.tasks.end() ? "one that moves" : name_task(*task));
    }
    return what + ", held by " + names + (holders.size() > kNamesShown ? ", ..." : "");
}

std::string describe_failure(const std::optional<std::string>& exception) {
    return printable(exception.value_or("an exception")) + " that nobody has asked for yet";
}

std::vector<std::string> describe_deadlocks(const TaskReport& report) {
    const TasksById tasks = index_tasks(report);
    std::vector<std::string> lines;
    for (const auto& cycle : report.cycles) {
        std::string line = "deadlock: ";
        for (const std::uint64_t id : cycle) line += name_task(*tasks.at(id)) + " waits for ";
        lines.push_back(line + name_task(*tasks.at(cycle.front())));
    }
    return lines;
}

void walk_task_tree(const TaskReport& report, const VisitTask& visit) {
    TreeWalk(report, visit).run();
}

}  // namespace corotrace
