// SPDX-License-Identifier: MIT
// The reports of scan and tasks, as text for people and as JSON lines. Pure: values in, the whole text out.
#pragma once

#include <cstddef>
#include <string>

#include "tracer/findings/held.hpp"

namespace corotrace {

[[nodiscard]] std::string format_held_text(const HeldReport& report);
[[nodiscard]] std::string format_held_jsonl(const HeldReport& report);

// The table of groups, deadlocks first; with `tree` each task under the one that waits for it.
[[nodiscard]] std::string format_tasks_text(const TaskReport& report, bool tree);
[[nodiscard]] std::string format_tasks_jsonl(const TaskReport& report);

}  // namespace corotrace
