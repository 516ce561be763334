// SPDX-License-Identifier: MIT
// tasks: what every asyncio task waits for.
#include <algorithm>
#include <functional>
#include <map>

#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/task_tree.hpp"
#include "symbols/page_cache.hpp"
#include "tracer/session/scan.hpp"
#include "tracer/session/scan_subject.hpp"

namespace corotrace {

namespace {

std::string state_of(const TaskNode& node) {
    if (node.state == LiveState::kCreated) return "created";
    return node.running ? "running" : "waiting";
}

// One that moves has another frame, another place in it, or another future.
std::uint64_t identify(const TaskNode& node) {
    std::string words;
    const auto add = [&](std::uint64_t word) { words += std::to_string(word) + ' '; };
    add(node.address.value);
    add(node.coroutine.value);
    add(node.waiter.value);
    add(static_cast<std::uint64_t>(node.state));
    add(node.running ? 1 : 0);
    for (const RawFrame& frame : node.chain.frames) {
        add(frame.address.value);
        add(frame.code ? frame.code->address.value : 0);
        add(static_cast<std::uint64_t>(frame.byte_offset.value_or(-1)));
    }
    return std::hash<std::string>{}(words);
}

// What is read of one that has not ended. Its sources are looked for later.
struct TaskReading {
    TaskNode node;
    Result<CoroutineReading> names;
    Result<std::vector<OriginFrame>> origin;
};

struct FailedTaskReading {
    FailedTask task;
    Result<CoroutineReading> names;
};

struct TaskReadings {
    std::vector<TaskReading> tasks;
    std::vector<FailedTaskReading> failed;
    std::vector<FailedFuture> failed_futures;
    std::uint64_t done = 0;
};

// By whole pages, for a task is read word by word, and its neighbours are near it; a few at a time, for they
// run meanwhile.
TaskReadings read_tasks(ScanSubject& subject, const RemoteMemory& under,
                        const std::vector<LiveObject>& objects) {
    constexpr std::size_t kAtOnce = 16;
    const Layout& layout = subject.layout();
    PageCache memory(under);
    std::size_t since_cleared = 0;
    const auto read_names = [&](RemoteAddr coroutine) {
        return read_coroutine_names(memory, layout, subject.codes, coroutine);
    };
    TaskReadings readings;
    for (const LiveObject& object : objects) {
        if (since_cleared++ % kAtOnce == 0) memory.clear();
        if (auto future = read_failed_future(memory, layout, subject.codes, object)) {
            readings.failed_futures.push_back(*std::move(future));
        }
        if (object.kind != LiveKind::kTask) continue;
        if (object.state == LiveState::kEnded) {
            ++readings.done;
            if (auto failed = read_failed_task(memory, layout, subject.codes, object)) {
                auto names = read_names(failed->coroutine);
                readings.failed.push_back({.task = *std::move(failed), .names = std::move(names)});
            }
        } else if (auto node = read_task_node(memory, layout, subject.codes, object)) {
            auto names = read_names(node->coroutine);
            auto origin = read_origin(memory, layout, node->coroutine);
            readings.tasks.push_back(
                {.node = *std::move(node), .names = std::move(names), .origin = std::move(origin)});
        }
    }
    std::vector<TaskNode*> nodes;
    for (TaskReading& reading : readings.tasks) nodes.push_back(&reading.node);
    memory.clear();
    find_lock_holders(memory, layout, subject.codes, nodes);
    return readings;
}

CoroutineFacts to_names(const Result<CoroutineReading>& reading) {
    CoroutineFacts facts;
    if (reading) facts = to_facts(*reading, "coroutine", std::nullopt);
    facts.arguments.reset();
    return facts;
}

HeldTask describe_task(ScanSubject& subject, const TaskReading& reading) {
    const TaskNode& node = reading.node;
    HeldTask facts;
    facts.id = node.address.value;
    facts.name = node.name;
    facts.state = state_of(node);
    facts.waits_on = node.future_type;
    for (const RemoteAddr other : node.waits_for) facts.waits_for.push_back(other.value);
    if (node.lock) {
        HeldLock& lock = facts.waits_for_lock.emplace();
        lock.type = node.lock->type;
        lock.holders = node.lock->holder_count;
        for (const RemoteAddr holder : node.lock->holders) lock.held_by.push_back(holder.value);
    }
    facts.coroutine = to_names(reading.names);
    facts.created_at = to_creation(subject, reading.origin);
    facts.stack = to_frames(subject, node.chain.frames);
    facts.member = identify(node);
    return facts;
}

// With `key` in front of its places.
std::string place_of_frames(std::string key, const std::vector<Frame>& frames) {
    for (const Frame& frame : frames) {
        key += '\0' + frame.file + '\0' + std::to_string(frame.line.value_or(0)) + frame.function;
    }
    return key;
}

std::string key_of(const CoroutineFacts& coroutine) {
    return coroutine.qualname.value_or("") + '\0' + coroutine.file.value_or("");
}

// Tasks with one coroutine, one stack and one thing to wait for are one group.
std::string place_of(const HeldTask& task) {
    const std::string key = task.state + '\0' + key_of(task.coroutine) + '\0' + task.waits_on.value_or("");
    return place_of_frames(key, task.stack) + (task.waits_for.empty() ? "" : "task");
}

std::vector<TaskGroup> make_groups(const std::vector<HeldTask>& tasks) {
    std::map<std::string, TaskGroup> groups;
    for (std::size_t i = 0; i < tasks.size(); ++i) groups[place_of(tasks[i])].members.push_back(i);
    std::vector<TaskGroup> sorted;
    for (auto& [place, group] : groups) sorted.push_back(std::move(group));
    std::ranges::stable_sort(
        sorted, [](const TaskGroup& a, const TaskGroup& b) { return a.members.size() > b.members.size(); });
    return sorted;
}

FailedTasks describe_failed(ScanSubject& subject, FailedTaskReading reading) {
    FailedTask& failed = reading.task;
    FailedTasks facts;
    facts.count = 1;
    facts.name = std::move(failed.name);
    facts.exception = std::move(failed.failure.exception);
    facts.coroutine = to_names(reading.names);
    facts.raised = to_frames(subject, std::move(failed.failure.raised));
    return facts;
}

FailedFutures describe_failed(ScanSubject& subject, FailedFuture failed) {
    return {.count = 1,
            .type = std::move(failed.type),
            .exception = std::move(failed.failure.exception),
            .raised = to_frames(subject, std::move(failed.failure.raised))};
}

std::string key_of(const FailedTasks& one) {
    return key_of(one.coroutine);
}

std::string key_of(const FailedFutures& one) {
    return one.type.value_or("");
}

// Those of one coroutine, or type, that failed at one place by one kind of exception are one group.
template <typename Failed>
class FailedGroups {
public:
    void add(Failed one) {
        const std::string key = place_of_frames(key_of(one) + '\0' + one.exception.value_or(""), one.raised);
        const auto [group, is_new] = groups_.try_emplace(key, std::move(one));
        if (!is_new) ++group->second.count;
    }

    [[nodiscard]] std::vector<Failed> take() {
        std::vector<Failed> sorted;
        for (auto& [key, group] : groups_) sorted.push_back(std::move(group));
        std::ranges::stable_sort(sorted, std::ranges::greater{}, &Failed::count);
        return sorted;
    }

private:
    std::map<std::string, Failed> groups_;
};

}  // namespace

Result<TaskReport> list_tasks_of_image(const ProcessImage& image, const std::string& what,
                                       const FindResident& resident, const ScanOptions& options) {
    const auto began = std::chrono::steady_clock::now();
    TaskReport report;
    CT_TRY(auto look, look_at_heap(image, what, resident, options, report.facts));
    auto& [subject, scan] = look;
    TaskReadings readings = read_tasks(subject, image.memory(), scan.objects);
    if (options.thaw) options.thaw();
    report.done = readings.done;
    for (const TaskReading& reading : readings.tasks) report.tasks.push_back(describe_task(subject, reading));
    report.groups = make_groups(report.tasks);
    FailedGroups<FailedTasks> failed;
    for (auto& one : readings.failed) failed.add(describe_failed(subject, std::move(one)));
    report.failed = failed.take();
    FailedGroups<FailedFutures> failed_futures;
    for (auto& one : readings.failed_futures) failed_futures.add(describe_failed(subject, std::move(one)));
    report.failed_futures = failed_futures.take();
    std::vector<TaskNode> nodes;
    for (TaskReading& reading : readings.tasks) nodes.push_back(std::move(reading.node));
    for (const auto& cycle : find_cycles(nodes)) {
        auto& ids = report.cycles.emplace_back();
        for (const RemoteAddr task : cycle) ids.push_back(task.value);
    }
    report.facts.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    return report;
}

}  // namespace corotrace
