// SPDX-License-Identifier: MIT
// The reports of scan and tasks, as text for people, as a page and as JSON lines. Pure: values in, the whole
// text out.
#pragma once

#include <cstdint>
#include <string>

#include "tracer/findings/held.hpp"

namespace corotrace {

[[nodiscard]] std::string format_held_text(const HeldReport& report);
[[nodiscard]] std::string format_held_jsonl(const HeldReport& report);

// A page that needs nothing else, as attach's.
[[nodiscard]] std::string format_held_html(const HeldReport& report);
[[nodiscard]] std::string format_tasks_html(const TaskReport& report);

// The end of --watch: how many looks there were, and why it ended, for people.
[[nodiscard]] std::string format_watch_end_text(std::uint64_t looks, const std::string& ended);
[[nodiscard]] std::string format_watch_end_jsonl(std::uint64_t looks, const std::string& ended);

// The table of groups, deadlocks first; with `tree` each task under the one that waits for it.
[[nodiscard]] std::string format_tasks_text(const TaskReport& report, bool tree);
[[nodiscard]] std::string format_tasks_jsonl(const TaskReport& report);

}  // namespace corotrace
