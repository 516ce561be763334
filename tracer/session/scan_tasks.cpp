// SPDX-License-Identifier: MIT
// tasks: what every asyncio task waits for.
#include <algorithm>
#include <functional>
#include <map>

#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/task_tree.hpp"
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

HeldTask describe_task(ScanSubject& subject, const ProcessImage& image, const TaskNode& node) {
    HeldTask facts;
    facts.id = node.address.value;
    facts.name = node.name;
    facts.state = state_of(node);
    facts.waits_on = node.future_type;
    for (const RemoteAddr other : node.waits_for) facts.waits_for.push_back(other.value);
    const auto reading =
        read_coroutine_names(image.memory(), subject.layout(), subject.codes, node.coroutine);
    if (reading) facts.coroutine = to_facts(*reading, "coroutine", std::nullopt);
    facts.coroutine.arguments.reset();
    facts.created_at = find_creation(subject.layout(), node.coroutine, image);
    facts.stack = to_frames(subject.layout(), node.chain.frames, image);
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

FailedTasks describe_failed(ScanSubject& subject, const ProcessImage& image, FailedTask failed) {
    FailedTasks facts;
    facts.count = 1;
    facts.name = std::move(failed.name);
    facts.exception = std::move(failed.exception);
    const auto reading =
        read_coroutine_names(image.memory(), subject.layout(), subject.codes, failed.coroutine);
    if (reading) facts.coroutine = to_facts(*reading, "coroutine", std::nullopt);
    facts.coroutine.arguments.reset();
    facts.raised = to_frames(subject.layout(), std::move(failed.raised), image);
    return facts;
}

// Those of one coroutine that failed at one place by one kind of exception are one group.
class FailedGroups {
public:
    void add(FailedTasks one) {
        const std::string key =
            place_of_frames(key_of(one.coroutine) + '\0' + one.exception.value_or(""), one.raised);
        const auto [group, is_new] = groups_.try_emplace(key, std::move(one));
        if (!is_new) ++group->second.count;
    }

    [[nodiscard]] std::vector<FailedTasks> take() {
        std::vector<FailedTasks> sorted;
        for (auto& [key, group] : groups_) sorted.push_back(std::move(group));
        std::ranges::stable_sort(sorted, std::ranges::greater{}, &FailedTasks::count);
        return sorted;
    }

private:
    std::map<std::string, FailedTasks> groups_;
};

}  // namespace

Result<TaskReport> list_tasks_of_image(const ProcessImage& image, const std::string& what,
                                       const FindResident& resident, const ScanOptions& options) {
    const auto began = std::chrono::steady_clock::now();
    TaskReport report;
    CT_TRY(auto look, look_at_heap(image, what, resident, options.threads, report.facts));
    auto& [subject, scan] = look;
    std::vector<TaskNode> nodes;
    FailedGroups failed;
    for (const LiveObject& object : scan.objects) {
        if (object.kind != LiveKind::kTask) continue;
        if (object.state == LiveState::kEnded) {
            ++report.done;
            auto one = read_failed_task(image.memory(), subject.layout(), subject.codes, object);
            if (one) failed.add(describe_failed(subject, image, *std::move(one)));
        } else if (auto node = read_task_node(image.memory(), subject.layout(), subject.codes, object)) {
            nodes.push_back(std::move(*node));
        }
    }
    for (const TaskNode& node : nodes) report.tasks.push_back(describe_task(subject, image, node));
    report.groups = make_groups(report.tasks);
    report.failed = failed.take();
    for (const auto& cycle : find_cycles(nodes)) {
        auto& ids = report.cycles.emplace_back();
        for (const RemoteAddr task : cycle) ids.push_back(task.value);
    }
    report.facts.took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    return report;
}

}  // namespace corotrace
