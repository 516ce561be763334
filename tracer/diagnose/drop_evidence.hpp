// SPDX-License-Identifier: MIT
// DropEvidence: everything that was copied out of a target for one drop, or the loss of a task. Values:
// nothing in it points into the target, and a finding is made of it alone (finding_maker.hpp). What could not
// be read is null, and a note says why.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/lost_task.hpp"
#include "cpython_layouts/task.hpp"
#include "cpython_layouts/warning_filters.hpp"
#include "tracer/diagnose/drop_site.hpp"
#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"

namespace corotrace {

enum class DropKind : std::uint8_t {
    kCoroutine,
    kAgenMethod,
    kHandlerCall,  // of the event loop's exception handler: the loss of a task, or something else
};

// What the program wanted to become of its warnings.
struct WarningEvidence {
    std::vector<WarningFilter> filters;
    std::string default_action;
    std::optional<std::string> handler;  // in the place of warnings.showwarning; null: Python's own
    std::optional<std::string> module;   // of the file that the warning blames; looked up if a filter asks
};

struct DropEvidence {
    const Layout* layout = nullptr;  // by which it was read; outlives it, never null

    // Copied while the thread stood.
    std::chrono::system_clock::time_point time;
    pid_t pid = 0;
    pid_t tid = 0;  // 0: not known, of a capture
    DropKind kind = DropKind::kCoroutine;
    std::uint64_t key = 0;  // of its row
    std::uint64_t code =
        0;  // that the key was made from, with its tag; the key itself, if that is no place's
    RemoteAddr row;
    RemoteAddr object;
    std::optional<ThreadState> thread;  // null: not found
    bool captured = false;              // by the stub, without a stop: of the object itself nothing is known
    bool ran_out = false;               // the time for reading was over before all was read
    bool ended_next = false;            // the frame of `site.ended` is where a key finds it
    std::optional<CoroutineReading> coroutine;
    std::optional<AgenMethodReading> agen_method;
    std::optional<LostTaskReading> lost_task;  // null: it is none, also if `kind` says so
    std::optional<RawStack> stack;
    std::size_t depth = 0;  // frames of a capture's thread, of which `stack` may have fewer
    std::optional<bool> collecting;
    RemoteAddr interpreter;  // null: unknown
    std::optional<RunningTask> task;
    std::optional<CoroutineReading> task_coroutine;
    std::vector<OriginFrame> task_origin;            // empty: not noted
    std::vector<OriginFrame> origin;                 // empty: not noted
    DropSite site;                                   // what tells the mistake and the cause
    std::optional<std::vector<NativeFrame>> native;  // null: not wanted. Names and lines come later
    std::optional<std::string> test;                 // the current one

    // Read right after, when it ran again.
    std::optional<std::string> thread_name;
    std::optional<WarningEvidence> warning;
    SourceLines sources;  // of the files that list_files() gives

    std::vector<std::string> notes;
};

// The names of all files of which a finding may show a line, each once.
[[nodiscard]] std::vector<std::string> list_files(const DropEvidence& evidence);

}  // namespace corotrace
