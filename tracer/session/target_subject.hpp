// SPDX-License-Identifier: MIT
// TargetSubject: what is found out about a process before anything of it is touched: its memory, its
// interpreter, how it may be stopped. Prepared on any thread, then handed to the tracer thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cpython_layouts/python_process.hpp"
#include "symbols/live_image.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/symbol_index.hpp"
#include "tracer/findings/summary.hpp"

namespace corotrace {

struct TargetSubject {
    pid_t pid = 0;
    // Both stay in their places: `symbols` and others point to them.
    std::unique_ptr<ProcessMemory> memory_owner;
    std::unique_ptr<LiveImage> image;
    const ProcessMemory& memory;
    SymbolIndex symbols;
    PythonProcess python;
    AttachedFacts facts;
    std::optional<std::string> counts_only;  // why no stop may be asked for
    std::optional<unsigned> seccomp_filters;
    int stop_signal = 0;
    pid_t pid_in_namespace = 0;
};

struct PrepareOptions {
    bool writable = false;  // the memory, where probes are wanted
    bool waits = true;      // up to 0.5 s for an interpreter that is starting
};

// Everything that can be found out while touching nothing.
// Errors: of reading, and unsupported (no CPython, or one that is not supported), as whole messages for a
// person.
[[nodiscard]] Result<TargetSubject> prepare_target(pid_t pid, PrepareOptions options);

// Of seccomp(2), in force for the process; null: unknown.
[[nodiscard]] std::optional<unsigned> read_seccomp_filters(pid_t pid);

// An error of an attempt to attach as a whole message: "cannot attach to 4711: ...".
[[nodiscard]] Error explain_attach_error(pid_t pid, Error error);

}  // namespace corotrace
