// SPDX-License-Identifier: MIT
// TaskTree: what each asyncio task that is alive waits for, down to the innermost await, and the cycles among
// them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cpython_layouts/await_chain.hpp"
#include "cpython_layouts/heap_scan.hpp"
#include "cpython_layouts/task_locks.hpp"

namespace corotrace {

struct TaskNode {
    RemoteAddr address;
    RemoteAddr coroutine;
    LiveState state = LiveState::kCreated;
    std::optional<std::string> name;
    AwaitChain chain;                        // innermost first
    std::vector<RemoteAddr> waits_for;       // tasks: directly, or the unfinished children of a gather()
    RemoteAddr waiter;                       // the future that it waits for, which may be a task; null: none
    std::optional<std::string> future_type;  // of the future that it waits for, where that is no task
    bool running = false;                    // has started, and waits for nothing
    std::optional<WantedLock> lock;          // that it waits for; its holders by find_lock_holders()
};

// Of one object that scan_heap() found. Nothing: it is no task any more.
[[nodiscard]] std::optional<TaskNode> read_task_node(const RemoteMemory& memory, const Layout& layout,
                                                     CodeCache& codes, const LiveObject& task);

// Notes in each task that waits for a lock who holds that. Cost: none if no task does; else 2 reads a frame
// of each task and some more.
void find_lock_holders(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                       std::span<TaskNode* const> tasks);

// An exception that nobody has asked for yet.
struct Failure {
    std::optional<std::string> exception;  // its type
    std::vector<RawFrame> raised;          // innermost first; empty: not known
};

// One that has ended with that.
struct FailedTask {
    RemoteAddr address;
    RemoteAddr coroutine;
    std::optional<std::string> name;
    Failure failure;
};

// One that is no task: of gather(), or what a program made and gave an exception to.
struct FailedFuture {
    RemoteAddr address;
    std::optional<std::string> type;
    Failure failure;
};

// Nothing: it has not ended, not failed, or somebody has asked; or this build's tasks cannot be read.
// Cost: about 20 reads.
[[nodiscard]] std::optional<FailedTask> read_failed_task(const RemoteMemory& memory, const Layout& layout,
                                                         CodeCache& codes, const LiveObject& task);
// The same of a future.
[[nodiscard]] std::optional<FailedFuture> read_failed_future(const RemoteMemory& memory, const Layout& layout,
                                                             CodeCache& codes, const LiveObject& future);

// Rings of tasks that wait for one another, or for a lock that another one holds; each once, beginning with
// its lowest address. Pure.
[[nodiscard]] std::vector<std::vector<RemoteAddr>> find_cycles(std::span<const TaskNode> tasks);

}  // namespace corotrace
