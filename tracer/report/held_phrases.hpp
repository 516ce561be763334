// SPDX-License-Identifier: MIT
// What the reports of scan and tasks say in every format. All strings have passed printable().
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tracer/findings/held.hpp"

namespace corotrace {

// "process 4711 (CPython 3.13.5): 3 held and never started, in 2 groups".
[[nodiscard]] std::string describe_held(const HeldReport& report);
// "process 4711 (CPython 3.13.5): 9 tasks, 3 at different places, 1 done".
[[nodiscard]] std::string describe_tasks(const TaskReport& report);
// What the look cost, then notes, a line each.
[[nodiscard]] std::vector<std::string> describe_look(const LookFacts& facts);
// What there is of each kind by state, and what was passed over, a line each.
[[nodiscard]] std::vector<std::string> describe_states(const HeldReport& report);

// "app.fetch (async_generator)  /srv/app.py:3".
[[nodiscard]] std::string describe_held_coroutine(const CoroutineFacts& coroutine);
// "x=<int>, y=<str, 3>"; "" if there are none or they are not known.
[[nodiscard]] std::string describe_held_arguments(const HeldGroup& group);
// "held by app.pending[17] (module)"; "held by: not found".
[[nodiscard]] std::string describe_holder(const HeldGroup& group);
// "and 16 more in app.pending[...]"; "" of one alone.
[[nodiscard]] std::string describe_further_holders(const HeldGroup& group);
// How long they stayed; "" at the first look.
[[nodiscard]] std::string describe_stay(const HeldGroup& group);
// "app.py:42 in main  await queue.get()".
[[nodiscard]] std::string describe_held_frame(const Frame& frame);
// "a corotrace watched it, and had counted 3 never awaited, 1 warned of".
[[nodiscard]] std::string describe_watched(const WatchedFacts& watched);
// "at 3 places that only its own report names"; "" if there are none.
[[nodiscard]] std::string describe_unnamed(const WatchedFacts& watched);

[[nodiscard]] std::string name_task(const HeldTask& task);
// "Task-1, Task-2, Task-3, ...".
[[nodiscard]] std::string name_members(const TaskReport& report, const TaskGroup& group);
// "unmoved for 3.0 s", of that of them which stands longest; "" if it is not known.
[[nodiscard]] std::string describe_unmoved(const TaskReport& report, const TaskGroup& group);
// "waits for a lock (asyncio.locks.Lock), held by Task-1, Task-2, ..."; "" if it waits for none.
[[nodiscard]] std::string describe_lock(const TaskReport& report, const TaskGroup& group);
// "ValueError that nobody has asked for yet".
[[nodiscard]] std::string describe_failure(const std::optional<std::string>& exception);
// "deadlock: a waits for b waits for a", a line each.
[[nodiscard]] std::vector<std::string> describe_deadlocks(const TaskReport& report);

// Each task below the one that waits for it, roots first; what is left then waits in circles. `is_again`: it
// was visited before, and what it waits for is not visited again.
using VisitTask = std::function<void(const HeldTask& task, std::size_t depth, bool is_again)>;
void walk_task_tree(const TaskReport& report, const VisitTask& visit);

}  // namespace corotrace
