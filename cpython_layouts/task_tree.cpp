// SPDX-License-Identifier: MIT
#include "cpython_layouts/task_tree.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "cpython_layouts/block.hpp"
#include "cpython_layouts/dict.hpp"
#include "cpython_layouts/objects.hpp"
#include "cpython_layouts/task.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxChildren = 1U << 14U;

bool is_task(const RemoteMemory& memory, const Layout& layout, RemoteAddr object) {
    const auto facts = read_task_facts(memory, layout, object);
    return facts && facts->has_value();
}

// Whether it is one of the C module, or of a class derived from that.
bool is_in_c(const RemoteMemory& memory, const Layout& layout, RemoteAddr task) {
    const auto type = read_type(memory, layout, task);
    return type && derives_from(memory, layout, *type, "_asyncio.Task").value_or(false);
}

// The future that the task waits for; null: none.
RemoteAddr read_waiter(const RemoteMemory& memory, const Layout& layout, RemoteAddr task) {
    RemoteAddr waiter;
    if (is_in_c(memory, layout, task)) {
        // TaskObj has task_fut_waiter right before task_coro. Source: Modules/_asynciomodule.c, 3.8 to 3.15.
        const Offset field = layout.task.coroutine - static_cast<Offset>(sizeof(std::uint64_t));
        waiter = memory.read_pointer(at(task, field)).value_or(RemoteAddr{});
    } else {
        waiter = find_instance_attribute(memory, layout, task, "_fut_waiter").value_or(RemoteAddr{});
    }
    if (waiter.is_null()) return waiter;
    const auto name = read_type_name_of(memory, layout, waiter);
    return name && *name != "NoneType" ? waiter : RemoteAddr{};
}

// gather() waits by a future that knows its children.
void add_children(const RemoteMemory& memory, const Layout& layout, RemoteAddr future, TaskNode& node) {
    const auto list = find_instance_attribute(memory, layout, future, "_children");
    const auto children = list ? read_list(memory, layout, *list, kMaxChildren) : Result<Items>(list.error());
    if (!children) return;
    for (const RemoteAddr child : children->items) {
        if (is_task(memory, layout, child)) node.waits_for.push_back(child);
    }
}

Failure read_failure(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                     RemoteAddr exception) {
    Failure failure;
    if (const auto type = read_type(memory, layout, exception)) {
        if (auto name = read_full_type_name(memory, layout, *type)) failure.exception = std::move(*name);
    }
    if (auto raised = read_traceback(memory, layout, codes, exception)) failure.raised = std::move(*raised);
    return failure;
}

// Without which of the others it cannot go on. Of a semaphore's holders any one may let it in.
std::vector<RemoteAddr> needs(const TaskNode& task) {
    std::vector<RemoteAddr> others = task.waits_for;
    if (task.lock && task.lock->is_exclusive) {
        others.insert(others.end(), task.lock->holders.begin(), task.lock->holders.end());
    }
    return others;
}

}  // namespace

std::optional<FailedTask> read_failed_task(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                           const LiveObject& task) {
    if (task.state != LiveState::kEnded) return std::nullopt;
    const RemoteAddr exception =
        read_unasked_exception(memory, layout, task.address, is_in_c(memory, layout, task.address));
    if (exception.is_null()) return std::nullopt;
    const auto facts = read_task_facts(memory, layout, task.address);
    if (!facts || !*facts) return std::nullopt;
    return FailedTask{.address = task.address,
                      .coroutine = (*facts)->coroutine,
                      .name = (*facts)->name,
                      .failure = read_failure(memory, layout, codes, exception)};
}

std::optional<FailedFuture> read_failed_future(const RemoteMemory& memory, const Layout& layout,
                                               CodeCache& codes, const LiveObject& future) {
    const bool in_c = future.kind == LiveKind::kFuture;
    if (!in_c && future.kind != LiveKind::kFutureInPython) return std::nullopt;
    const RemoteAddr exception = read_unasked_exception(memory, layout, future.address, in_c);
    if (exception.is_null()) return std::nullopt;
    FailedFuture failed{
        .address = future.address, .type = {}, .failure = read_failure(memory, layout, codes, exception)};
    if (const auto type = read_type(memory, layout, future.address)) {
        if (auto name = read_full_type_name(memory, layout, *type)) failed.type = std::move(*name);
    }
    return failed;
}

std::optional<TaskNode> read_task_node(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                       const LiveObject& task) {
    const auto facts = read_task_facts(memory, layout, task.address);
    if (!facts || !*facts) return std::nullopt;
    TaskNode node{.address = task.address,
                  .coroutine = (*facts)->coroutine,
                  .state = task.state,
                  .name = (*facts)->name,
                  .chain = {},
                  .waits_for = {},
                  .waiter = {},
                  .future_type = {},
                  .running = false,
                  .lock = {}};
    if (node.state != LiveState::kStarted) return node;
    if (auto chain = read_await_chain(memory, layout, codes, node.coroutine)) node.chain = std::move(*chain);
    const RemoteAddr waiter = read_waiter(memory, layout, node.address);
    node.running = waiter.is_null();
    node.waiter = waiter;
    if (node.running) return node;
    if (is_task(memory, layout, waiter)) {
        node.waits_for.push_back(waiter);
        return node;
    }
    const auto type = read_type(memory, layout, waiter);
    if (type) {
        auto name = read_full_type_name(memory, layout, *type);
        if (name) node.future_type = std::move(*name);
    }
    add_children(memory, layout, waiter, node);
    node.lock = read_wanted_lock(memory, layout, node.chain);
    return node;
}

void find_lock_holders(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                       std::span<TaskNode* const> tasks) {
    std::unordered_map<RemoteAddr, std::vector<TaskNode*>> waiting;
    for (TaskNode* const task : tasks) {
        if (task->lock) waiting[task->lock->address].push_back(task);
    }
    if (waiting.empty()) return;
    for (const TaskNode* const task : tasks) {
        for (const RemoteAddr object : read_entered(memory, layout, codes, task->chain)) {
            const auto found = waiting.find(object);
            // Who waits for it is about to enter it.
            if (found == waiting.end() || (task->lock && task->lock->address == object)) continue;
            for (TaskNode* const other : found->second) {
                if (++other->lock->holder_count <= kMostHolders)
                    other->lock->holders.push_back(task->address);
            }
        }
    }
}

std::vector<std::vector<RemoteAddr>> find_cycles(std::span<const TaskNode> tasks) {
    std::unordered_map<RemoteAddr, const TaskNode*> by_address;
    for (const TaskNode& task : tasks) by_address.emplace(task.address, &task);
    enum class Mark : std::uint8_t { kNew, kOnPath, kDone };
    std::unordered_map<RemoteAddr, Mark> marks;
    std::vector<std::vector<RemoteAddr>> cycles;
    struct Step {
        const TaskNode* task;
        std::vector<RemoteAddr> others = needs(*task);
        std::size_t next = 0;
    };
    for (const TaskNode& start : tasks) {
        if (marks[start.address] != Mark::kNew) continue;
        std::vector<Step> path{{&start}};
        marks[start.address] = Mark::kOnPath;
        while (!path.empty()) {
            Step& step = path.back();
            if (step.next == step.others.size()) {
                marks[step.task->address] = Mark::kDone;
                path.pop_back();
                continue;
            }
            const RemoteAddr other = step.others[step.next++];
            const auto found = by_address.find(other);
            if (found == by_address.end()) continue;
            Mark& mark = marks[other];
            if (mark == Mark::kOnPath) {
                const auto first =
                    std::ranges::find_if(path, [&](const Step& s) { return s.task->address == other; });
                std::vector<RemoteAddr> cycle;
                for (auto at = first; at != path.end(); ++at) cycle.push_back(at->task->address);
                std::rotate(cycle.begin(), std::ranges::min_element(cycle), cycle.end());
                if (std::ranges::find(cycles, cycle) == cycles.end()) cycles.push_back(std::move(cycle));
            } else if (mark == Mark::kNew) {
                mark = Mark::kOnPath;
                path.push_back({found->second});
            }
        }
    }
    return cycles;
}

}  // namespace corotrace
