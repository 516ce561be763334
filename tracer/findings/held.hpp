// SPDX-License-Identifier: MIT
// HeldReport and TaskReport: what a look at memory tells: coroutines that are held and were never started,
// and the tasks of asyncio with what each waits for. Plain values as in finding.hpp: unknown is null, strings
// are hostile.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tracer/findings/finding.hpp"
#include "tracer/findings/stay_watch.hpp"

namespace corotrace {

// What was examined, and what that cost.
struct LookFacts {
    std::optional<pid_t> pid;              // null: a core file that does not tell
    std::optional<std::string> core;       // its path; null: a process
    std::optional<std::string> program;    // of a core: the program's path
    std::optional<std::uint64_t> threads;  // of a core
    std::string python;                    // "3.13.5"
    std::chrono::system_clock::time_point time;
    std::chrono::microseconds took{};
    std::uint64_t bytes = 0;         // looked through
    std::uint64_t unread_bytes = 0;  // could not be read
    std::optional<std::chrono::microseconds>
        stopped;  // for so long the process stood; null: it was not stopped
    std::vector<std::string> notes;
};

// Which look of several it is, and how long after others. The report has only what stayed since the one
// before.
struct LookNumber {
    std::uint64_t number = 0;  // from 1 on; the first has everything
    std::chrono::milliseconds since_first{};
    std::chrono::milliseconds since_last{};
};

struct StateCounts {
    std::uint64_t created = 0;
    std::uint64_t started = 0;
    std::uint64_t ended = 0;
};

// By what an object is held.
struct HolderFacts {
    std::string path;  // "app.pending[17]"; "jobs[3]" of a frame; "<app.Cache>.job" where no root was found
    // "module", "class", "function", "running frame", "suspended frame", "frame not started"; null: not found
    std::optional<std::string> root;
    std::optional<Frame> frame;
};

// Objects of one code, made at one place and held in one way, that have not started.
struct HeldGroup {
    CoroutineFacts coroutine;  // the arguments are those of one of them
    std::uint64_t count = 0;
    std::optional<std::vector<Frame>> created_at;  // of one of them; null: the program does not note it
    std::optional<HolderFacts> holder;             // of one of them; null: not found
    std::optional<std::string> held_in;            // of all of them: "app.pending[...]"
    std::vector<std::uint64_t>
        members;               // a number for each, which what takes its place in memory does not have
    std::optional<Stay> stay;  // null: it was not looked before
};

// A place where a corotrace that watched the process had counted drops.
struct WatchedSite {
    std::uint64_t count = 0;  // modulo 2^32
    CoroutineFacts coroutine;
    std::vector<Frame> stack;  // most recent call last; empty: not known
};

// What it had counted, as it stands in the process.
struct WatchedFacts {
    std::uint64_t never_awaited = 0;
    std::uint64_t warned = 0;        // warnings of Python's own
    std::vector<WatchedSite> sites;  // largest first
    std::uint64_t unnamed = 0;       // drops at other places
    std::uint64_t unnamed_places = 0;
};

struct HeldReport {
    LookFacts facts;
    std::vector<WatchedFacts> watched;  // of a core file
    StateCounts coroutines;
    StateCounts async_generators;
    StateCounts agen_methods;
    std::uint64_t scheduled = 0;    // created, but a task is going to run them: no finding
    std::uint64_t passing = 0;      // created at the first look and not at the last: no finding
    std::vector<HeldGroup> groups;  // largest first
    std::optional<LookNumber> look;
};

// A lock or semaphore of asyncio's.
struct HeldLock {
    std::string type;                    // "asyncio.locks.Lock"
    std::vector<std::uint64_t> held_by;  // ids of tasks within `async with`, at most 100; empty: not known
    std::uint64_t holders = 0;           // of these, how many there are
};

struct HeldTask {
    std::uint64_t id = 0;  // its address: unique in one report
    std::optional<std::string> name;
    CoroutineFacts coroutine;
    std::string state;                             // "created", "waiting" or "running"
    std::optional<std::vector<Frame>> created_at;  // of its coroutine; null: the program does not note it
    std::vector<Frame> stack;                      // most recent call last; empty if it has not started
    std::vector<std::uint64_t> waits_for;          // ids of tasks
    std::optional<std::string> waits_on;           // the type of the future, if it is no task
    std::optional<HeldLock> waits_for_lock;        // by that future
    std::uint64_t member = 0;  // a number for this task at this place, waiting for this future
    std::optional<std::chrono::milliseconds> unmoved;  // since it was first seen so; null: not looked before
};

struct TaskGroup {
    std::vector<std::size_t> members;  // indices into TaskReport::tasks, at the same place
};

// Tasks that failed in the same way, and whose exception nobody has asked for yet: Python tells of it when
// they are dropped, if ever.
struct FailedTasks {
    std::uint64_t count = 0;
    std::optional<std::string> name;  // of one of them
    CoroutineFacts coroutine;
    std::optional<std::string> exception;  // its type
    std::vector<Frame> raised;             // most recent call last; of one of them; empty: not known
};

// The same of futures that are no tasks.
struct FailedFutures {
    std::uint64_t count = 0;
    std::optional<std::string> type;       // "asyncio.tasks._GatheringFuture"
    std::optional<std::string> exception;  // its type
    std::vector<Frame> raised;             // most recent call last; of one of them; empty: not known
};

struct TaskReport {
    LookFacts facts;
    std::uint64_t done = 0;                     // ended, and still held
    std::vector<FailedTasks> failed;            // of these; largest first
    std::vector<FailedFutures> failed_futures;  // largest first
    std::vector<HeldTask> tasks;
    std::vector<TaskGroup> groups;                   // largest first
    std::vector<std::vector<std::uint64_t>> cycles;  // tasks that wait for one another: a deadlock
    std::optional<LookNumber> look;
};

}  // namespace corotrace
