// SPDX-License-Identifier: MIT
// DropReader: what a thread that stopped in the stub was dropping, in two steps. copy() takes from the target
// what will be gone or changed when it runs on; make_finding() turns that into a Finding afterwards.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/coroutine.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/lost_task.hpp"
#include "cpython_layouts/preview.hpp"
#include "cpython_layouts/runtime.hpp"
#include "cpython_layouts/task.hpp"
#include "symbols/page_cache.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/timed_memory.hpp"
#include "tracer/diagnose/drop_site.hpp"
#include "tracer/diagnose/mistake.hpp"
#include "tracer/diagnose/source_lines.hpp"
#include "tracer/findings/finding.hpp"
#include "tracer/probes/probe.hpp"
#include "tracer/process/native_stack.hpp"

namespace corotrace {

// A drop, or the loss of a task, as copied out of the stopped thread.
struct Drop {
    std::chrono::system_clock::time_point time;
    pid_t tid = 0;
    ProbeKind kind = ProbeKind::kCoroutine;
    std::uint64_t key = 0;   // of its row
    std::uint64_t code = 0;  // as StubRow::code; the key itself, if that is not of a place
    RemoteAddr row;
    RemoteAddr object;
    std::optional<ThreadState> thread;  // null: not found
    bool ran_out = false;               // the time for reading was over before all was read
    bool ended_next = false;            // the frame of `site.ended` is where a key finds it
    std::optional<CoroutineReading> coroutine;
    std::optional<AgenMethodReading> agen_method;
    std::optional<LostTaskReading> lost_task;  // null: it is none, also if `kind` says so
    std::optional<RawStack> stack;
    std::optional<bool> collecting;
    RemoteAddr interpreter;  // null: unknown
    std::optional<NativeStack> native;
    std::optional<RunningTask> task;
    std::optional<CoroutineReading> task_coroutine;
    std::vector<OriginFrame> task_origin;  // empty: not noted
    std::vector<OriginFrame> origin;       // empty: not noted
    DropSite site;                         // what tells the mistake and the cause
    std::optional<std::string> test;       // see TestName
    std::vector<std::string> notes;        // what could not be read
};

[[nodiscard]] FindingKind finding_kind(TaskLoss loss);

// Whether all drops with this one's key are dropped where this one was. Not if a function ended of which the
// thread state tells nothing: up to 3.10 of none, later not of coroutines. To be asked of a drop of which a
// finding was made.
[[nodiscard]] bool tells_place(const Layout& layout, const Drop& drop, const Finding& finding);

// What is found out once for each site.
struct SiteDiagnosis {
    Diagnosis diagnosis;
    std::optional<WarningFacts> warning;
};

class DropReader {
public:
    struct Settings {
        bool show_values = false;
        bool native = false;
        PreviewCaps caps;
    };

    // All references must outlive the reader.
    DropReader(pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols, const PythonProcess& python,
               const Settings& settings);

    // Needs: `tid` stopped at the stub. Cost: about ten reads of a page; for code that was not met before
    // about ten more for each. What cannot be read becomes a note. Errors: gone.
    [[nodiscard]] Result<Drop> copy(pid_t tid, const arch::Registers& registers);

    // To be called when the thread runs again: notes what rests on code or a type that is no longer
    // there. Cost: about 2 reads of a page a frame.
    void confirm(Drop& drop);

    // Reads no Python object; with native frames, symbol tables.
    [[nodiscard]] Finding make_finding(Drop& drop);
    // The text of each frame's line, from the target's files.
    void add_source(Finding& finding);
    // Which mistake it was, what to write instead, where the coroutine was made if the code proves it, and
    // what becomes of Python's own warning. Once for each site. Reads source files, and the program's
    // filters.
    void add_mistake(const Drop& drop, Finding& finding);

private:
    void copy_row(Drop& drop, const arch::StubStop& stop);
    void copy_object(Drop& drop, RemoteAddr object);
    void copy_site(Drop& drop, const arch::StubStop& stop, const arch::Registers& registers);
    void find_task(Drop& drop);
    void copy_ended(Drop& drop, const arch::StubStop& stop, const arch::Registers& registers);
    [[nodiscard]] SiteFrame copy_frame(const RawFrame& raw, RemoteAddr object);
    void copy_stack_of(Drop& drop, const arch::Registers& registers);
    void copy_native(Drop& drop, const arch::StubStop& stop);
    void fill_lost_task(const Drop& drop, Finding& finding) const;
    [[nodiscard]] std::vector<Frame> make_frames(const std::vector<RawFrame>& frames) const;
    void fill_coroutine(const Drop& drop, Finding& finding) const;
    void fill_dropped(const Drop& drop, Finding& finding) const;
    void fill_native(const NativeStack& stack, Finding& finding);

    pid_t pid_;
    SymbolIndex& symbols_;
    const Layout& layout_;
    RemoteAddr runtime_;
    Settings settings_;
    PageCache pages_;
    TimedMemory timed_;  // over pages_, while a thread stands
    CodeCache codes_;
    TypeCache types_;
    BytecodeCache bytecodes_;
    ThreadStateFinder thread_states_;
    TaskFinder tasks_;
    std::optional<ThreadState> thread_;  // that stopped; null: not found
    SourceLines sources_;
    std::unordered_map<std::string, SiteDiagnosis> diagnoses_;  // by fingerprint
    std::optional<NativeUnwinder> unwinder_;                    // only if native stacks are wanted
};

}  // namespace corotrace
