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
#include "cpython_layouts/preview.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/page_cache.hpp"
#include "symbols/process_memory.hpp"
#include "tracer/observe/finding.hpp"
#include "tracer/observe/source_lines.hpp"
#include "tracer/probes/probe.hpp"

namespace corotrace {

// A drop as copied out of the stopped thread.
struct Drop {
    std::chrono::system_clock::time_point time;
    pid_t tid = 0;
    ProbeKind kind = ProbeKind::kCoroutine;
    std::uint64_t key = 0;  // of its row
    std::optional<CoroutineReading> coroutine;
    std::optional<AgenMethodReading> agen_method;
    std::optional<RawStack> stack;
    std::optional<bool> collecting;
    std::vector<std::string> notes;  // what could not be read
};

class DropReader {
public:
    struct Settings {
        bool show_values = false;
        PreviewCaps caps;
    };

    DropReader(pid_t pid, const ProcessMemory& memory, const Layout& layout, RemoteAddr runtime,
               const Settings& settings);

    // Needs: `tid` stopped at the stub. Cost: about 2 reads of a page a frame, less when cached.
    // What cannot be read becomes a note. Errors: gone.
    [[nodiscard]] Result<Drop> copy(pid_t tid, const arch::Registers& registers);

    // Touches no memory of the target.
    [[nodiscard]] Finding make_finding(const Drop& drop) const;
    // The text of each frame's line, from the target's files.
    void add_source(Finding& finding);

private:
    void copy_object(Drop& drop, RemoteAddr object);
    void copy_stack_of(Drop& drop, const arch::Registers& registers);
    void fill_coroutine(const Drop& drop, Finding& finding) const;
    void fill_dropped(const Drop& drop, Finding& finding) const;

    pid_t pid_;
    const Layout& layout_;
    RemoteAddr runtime_;
    Settings settings_;
    PageCache pages_;
    CodeCache codes_;
    SourceLines sources_;
};

}  // namespace corotrace
