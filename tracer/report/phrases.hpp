// SPDX-License-Identifier: MIT
// How findings and figures are said in words. Everything of the target in them has passed printable().
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/summary.hpp"

namespace corotrace {

// "coroutine 'save' was never awaited", the words of Python's own warning.
[[nodiscard]] std::string describe_headline(const Finding& finding);
// The qualified name, or the plain one, or "<unknown>".
[[nodiscard]] std::string describe_coroutine(const CoroutineFacts& coroutine);
// "why it was dropped" as a sentence; nothing if unknown.
[[nodiscard]] std::optional<std::string_view> describe_cause(DropCause cause);
// "hidden, by the filter ignore::RuntimeWarning".
[[nodiscard]] std::string describe_warning(const WarningFacts& warning);
// "/app/feed.py:12": where its code begins; empty if unknown.
[[nodiscard]] std::string describe_definition(const CoroutineFacts& coroutine);
// "/app/main.py:9 in start".
[[nodiscard]] std::string describe_place(const Frame& frame);
// Where the coroutines of a site were created, if that was seen at more than one place: "at 2 places; the
// diagnosis is that of the first", then a line for each, that of `first.created` first. Else empty.
[[nodiscard]] std::vector<std::string> describe_creators(const SiteCount& site);
// "Task-7 runs Feed.poll (/app/feed.py:12), made at /app/main.py:9 in start".
[[nodiscard]] std::string describe_running_task(const TaskFacts& task);
// "record: dict[3]" redacted, "record={'id': 7}" with its value.
[[nodiscard]] std::string describe_argument(const Argument& argument);
// "4711", or "4711 (1 in its own pid namespace)".
[[nodiscard]] std::string describe_process(const AttachedFacts& facts);
// "exact, 8000 = 8000"; else both counts and why they say less.
[[nodiscard]] std::string describe_coverage(const Coverage& coverage);

// "4711, 4712 and 3 more".
[[nodiscard]] std::string describe_pids(const std::set<pid_t>& pids);

// With what means something to XML and HTML, in texts and attributes, as references.
[[nodiscard]] std::string escape_markup(std::string_view text);

// "1 site", "2 sites".
[[nodiscard]] std::string describe_count(std::uint64_t count, std::string_view noun);
// "12.3 s", "2 min 3 s", "1 h 2 min".
[[nodiscard]] std::string describe_duration(std::chrono::milliseconds duration);
// "31 us", "1.2 ms", "3.4 s".
[[nodiscard]] std::string describe_pause(std::chrono::microseconds pause);

}  // namespace corotrace
