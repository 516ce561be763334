// SPDX-License-Identifier: MIT
// EvidenceCopier: copies out of a target what a drop leaves, in two steps. copy() takes what will be gone or
// changed when the thread runs on; complete() what can still be read then. It judges nothing: that is for
// tracer/diagnose.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/preview.hpp"
#include "cpython_layouts/python_process.hpp"
#include "cpython_layouts/runtime.hpp"
#include "cpython_layouts/task.hpp"
#include "symbols/page_cache.hpp"
#include "symbols/process_image.hpp"
#include "symbols/symbol_index.hpp"
#include "symbols/timed_memory.hpp"
#include "tracer/diagnose/drop_evidence.hpp"
#include "tracer/probes/stub_data.hpp"
#include "tracer/process/arch/arch.hpp"
#include "tracer/process/native_stack.hpp"
#include "tracer/session/source_reader.hpp"
#include "tracer/session/warning_reader.hpp"

namespace corotrace {

class EvidenceCopier {
public:
    struct Settings {
        std::optional<PreviewCaps> values;  // of arguments; null: none is copied
        bool native = false;
        TimedMemory::Clock clock = TimedMemory::read_own_time;  // for tests
    };

    // All references must outlive the copier.
    EvidenceCopier(pid_t pid, const ProcessImage& image, SymbolIndex& symbols, const PythonProcess& python,
                   Settings settings);

    // Needs: `tid` stopped at the stub. Cost: about ten reads of a page; for code that was not met before
    // about ten more for each. What cannot be read becomes a note. Errors: gone.
    [[nodiscard]] Result<DropEvidence> copy(pid_t tid, const arch::Registers& registers);

    // What the stub noted itself of a drop, complete. `why`: no stop told more. Cost: as complete().
    // Errors: as Code::read().
    [[nodiscard]] Result<DropEvidence> copy_capture(const StubCapture& capture, const std::string& why);
    // As SourceReader.
    [[nodiscard]] std::shared_ptr<const SourceText> read_source(const std::string& file) {
        return sources_.read(file);
    }

    // To be called when the thread runs again. Notes what rests on code or a type that is no longer there;
    // reads the program's filters of warnings and the sources, as they are now. Cost: about 2 reads of a page
    // a frame, 10 a filter, and one system call a file; with native frames, symbol tables.
    void complete(DropEvidence& evidence);

    // Takes the memory that copying needs, so that no stop waits for it. All copiers have it together, 1 MiB
    // at most: one thread copies, one drop after the other.
    static void make_ready();

private:
    static constexpr std::chrono::milliseconds kTimeForCapture{50};  // nobody waits

    // The stop that is being copied.
    struct Stop {
        const arch::Registers& registers;
        arch::StubStop stub;
    };
    void copy_row(DropEvidence& evidence, const Stop& stop);
    void copy_stack_of(DropEvidence& evidence, const Stop& stop);
    void copy_object(DropEvidence& evidence, RemoteAddr object);
    void copy_site(DropEvidence& evidence, const Stop& stop);
    void copy_task(DropEvidence& evidence);
    void copy_ended(DropEvidence& evidence, const Stop& stop);
    [[nodiscard]] SiteFrame copy_frame(const RawFrame& raw, RemoteAddr object);
    void copy_call_names(const DropEvidence& evidence, SiteFrame& frame, const RawFrame& raw);
    void copy_native(DropEvidence& evidence, const Stop& stop);
    void copy_captured_frames(DropEvidence& evidence, const StubCapture& capture);

    void confirm(DropEvidence& evidence);
    void name_native(DropEvidence& evidence);
    void read_warnings(DropEvidence& evidence);

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
    SourceReader sources_;
    WarningReader warnings_;
    std::optional<NativeUnwinder> unwinder_;  // only if native stacks are wanted
};

}  // namespace corotrace
