// SPDX-License-Identifier: MIT
// What is told of a target when it is attached to and left, and of a run as a whole.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tracer/findings/coverage.hpp"

namespace corotrace {

struct AttachedFacts {
    pid_t pid = 0;
    std::optional<pid_t> pid_in_namespace;  // where it differs
    bool read_only = false;                 // nothing is written, nobody traced
    std::string python;                     // "3.11.2"
    std::string executable;                 // as the target sees it
    std::string layout;                     // which table is used, and how it was chosen
    std::size_t threads = 0;
    std::size_t interpreters = 0;
    std::chrono::microseconds took{0};
    std::vector<std::string> notes;
};

// Counted where asyncio hands them to its exception handler.
struct LostTaskCounts {
    std::uint64_t destroyed_pending = 0;
    std::uint64_t exception_never_retrieved = 0;  // of tasks and other futures

    [[nodiscard]] std::uint64_t all() const { return destroyed_pending + exception_never_retrieved; }
};

// One target at its end.
struct Summary {
    std::optional<std::uint64_t> never_awaited = 0;  // exact; null: not counted
    std::optional<LostTaskCounts> lost_tasks;        // null: not counted
    std::uint64_t sampled = 0;                       // of these, stopped and read
    std::uint64_t sites = 0;
    std::uint64_t stops = 0;
    std::chrono::microseconds pause_total{0};  // with what a thread may have waited for a tracer at work
    std::chrono::microseconds pause_max{0};
    std::chrono::milliseconds elapsed{0};
    Coverage coverage;
    std::string ended;  // "deadline", "interrupted", "target exited", "max events", ...
    std::vector<std::string> notes;
};

struct RunFacts {
    std::string verb;  // "attach", "run", ...
    std::chrono::system_clock::time_point began;
    bool several = false;  // more than one target may be reported, also at the same time
};

// A run at its end. Each of its targets was told of by a Summary before.
struct RunSummary {
    std::uint64_t processes = 0;
    std::uint64_t programs = 0;  // more if some executed another Python or were not watched
    std::uint64_t exact = 0;     // programs whose count is proved to be exact
    std::optional<std::uint64_t> never_awaited = 0;  // null: in a program it was not counted
    std::optional<LostTaskCounts> lost_tasks;        // null: counted in no program
    std::uint64_t sites = 0;                         // the same site in two programs counts twice
    std::uint64_t stops = 0;
    std::chrono::microseconds pause_total{0};
    std::chrono::microseconds pause_max{0};
    std::chrono::milliseconds elapsed{0};
    std::string ended;
    std::vector<std::string> notes;
};

}  // namespace corotrace
