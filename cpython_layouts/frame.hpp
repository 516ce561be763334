// SPDX-License-Identifier: MIT
// The Python stack of a stopped thread, in two steps: copy_stack takes what can change and is all that has
// to be done while the thread is stopped; resolve_stack finds the lines afterwards and touches no target.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/line_table.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

struct RawFrame {
    RemoteAddr address;                // PyFrameObject or _PyInterpreterFrame
    std::shared_ptr<const Code> code;  // shared with the CodeCache
    // From the first instruction; below 0: not started; null: what the frame holds is no offset of its code.
    std::optional<std::int64_t> byte_offset;
    bool in_generator = false;  // the frame belongs to a generator or coroutine; from 3.11 on
};

struct RawStack {
    std::vector<RawFrame> frames;  // innermost first; empty: no Python frame (interpreter exit)
    bool truncated = false;        // the outermost frames are missing
    bool broken = false;           // because they could not be read, and not for their number
    std::string note;              // why
};

struct StackFrame {
    std::string function;  // co_qualname from 3.11 on, else co_name
    std::string name;      // co_name
    std::string file;
    Position position;
    RemoteAddr address;
    RemoteAddr code;
    std::optional<std::int64_t> byte_offset;
};

// Needs: the thread of `thread` stopped. Frames that stand for C calls are left out.
// Cost: per frame one read (through a page cache if `memory` is one); a code not cached yet costs about 12
// more. What comes from `codes` is to be confirmed. Errors: gone, unreadable (nothing could be read); a fault
// further out gives what was read.
[[nodiscard]] Result<RawStack> copy_stack(const RemoteMemory& memory, const Layout& layout, CodeCache& codes,
                                          const ThreadState& thread);

// One frame, wherever it is found. Null: it stands for a C call, or its function is still being entered.
// Errors: gone, unreadable, malformed.
[[nodiscard]] Result<std::optional<RawFrame>> read_frame(const RemoteMemory& memory, const Layout& layout,
                                                         CodeCache& codes, RemoteAddr address);

// A frame that was noted as an offset from its code object, in code units of 2 bytes, or where frames hold a
// count, as that. Null as in read_frame().
[[nodiscard]] std::optional<RawFrame> place_frame(const Layout& layout, std::shared_ptr<const Code> code,
                                                  std::optional<std::uint32_t> place);

// Traceback order: most recent call last.
[[nodiscard]] std::vector<StackFrame> resolve_stack(const Layout& layout, const RawStack& stack);

}  // namespace corotrace
