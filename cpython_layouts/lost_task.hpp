// SPDX-License-Identifier: MIT
// A task that was destroyed while it was pending, or a future whose exception nobody retrieved: what asyncio
// tells its exception handler of it, and what can be read of the task itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/await_chain.hpp"
#include "cpython_layouts/code.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"

namespace corotrace {

enum class TaskLoss : std::uint8_t { kDestroyedPending, kTaskException, kFutureException };

struct LostTaskReading {
    TaskLoss loss = TaskLoss::kDestroyedPending;
    std::optional<std::string> type;              // "_asyncio.Task"; a class of the program's own by its name
    std::optional<std::string> name;              // "Task-7"
    std::optional<CoroutineReading> coroutine;    // without arguments; null: not known, or no task
    std::vector<OriginFrame> origin;              // of the coroutine; empty: not noted
    std::optional<AwaitChain> awaiting;           // of a pending one; null: not known
    std::optional<std::string> exception;         // its type
    std::optional<std::vector<RawFrame>> raised;  // see read_traceback()
    std::vector<std::string> notes;               // what could not be read, and why
};

// Which loss the handler was told of, most likely: by the second key of a dict of two entries, or the type of
// the third value of a larger one. Null: of none, or it cannot be told. Cost: up to 10 reads. Errors: gone,
// unreadable.
[[nodiscard]] Result<std::optional<TaskLoss>> guess_loss(const RemoteMemory& memory, const Layout& layout,
                                                         RemoteAddr key_or_type);

// `context` is the handler's argument. Null: it tells of something else.
// Needs: the thread stopped that calls the handler. Cost: about 30 reads. Errors: gone, unreadable, malformed
// (of the dict; of the task become notes).
[[nodiscard]] Result<std::optional<LostTaskReading>> read_lost_task(const RemoteMemory& memory,
                                                                    const Layout& layout, CodeCache& codes,
                                                                    RemoteAddr context);

}  // namespace corotrace
