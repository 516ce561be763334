// SPDX-License-Identifier: MIT
// The asyncio task in whose step a thread is: of the C module _asyncio, of asyncio.tasks in Python, or of a
// class derived from these.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

struct RunningTask {
    RemoteAddr address;
    RemoteAddr coroutine;             // that it runs; may have just ended
    std::optional<std::string> name;  // "Task-7"
};

// What is known of the task at `task`, running or not; its coroutine may have ended. Null: it is no task, or
// a future that runs nothing. Cost: 4 to 8 reads. Errors: gone, unreadable.
[[nodiscard]] Result<std::optional<RunningTask>> read_task_facts(const RemoteMemory& memory,
                                                                 const Layout& layout, RemoteAddr task);

// The exception of a future or task that nobody has asked for; null: there is none. `is_in_c`: it is one of
// the C module, or of a class derived from that. Cost: one read where there is none, of the C module.
[[nodiscard]] RemoteAddr read_unasked_exception(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr future, bool is_in_c);

// Tells which task a stopped thread runs. Remembers where asyncio of each interpreter keeps them, which to
// find takes a walk through sys.modules.
class TaskFinder {
public:
    // Null: the thread is in no task's step, or it cannot be told which of several.
    // Needs: the thread stopped; `stack` as copied from it. Cost: 8 to 12 reads a loop that runs.
    // Errors: gone, unreadable.
    [[nodiscard]] Result<std::optional<RunningTask>> find(const RemoteMemory& memory, const Layout& layout,
                                                          const ThreadState& thread, const RawStack& stack);

private:
    struct Known {
        RemoteAddr interpreter;
        RemoteAddr current_tasks;  // dict; null: asyncio is not imported
        unsigned uses = 0;         // of a null
    };
    [[nodiscard]] RemoteAddr find_current_tasks(const RemoteMemory& memory, const Layout& layout,
                                                RemoteAddr interpreter);
    std::vector<Known> known_;
};

}  // namespace corotrace
