// SPDX-License-Identifier: MIT
// Which places of a frame hold a certain object: the difference between what the code says and what is so.
// A place that was popped or moved away keeps its word until something else is pushed, so the operands of the
// instruction that runs are still there while it drops them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

struct HeldSlots {
    std::vector<std::uint32_t> variables;  // indices into Bytecode::variables
    // The variable that the frame emptied last, if it dies: what it held is dropped next. Null: none.
    std::optional<std::uint32_t> emptied;
    std::vector<std::uint32_t> operands;  // depths on the value stack, 0 is the bottom
    std::vector<std::uint32_t> cleared;   // depths that hold nothing: never used, or cleared before the drop
    std::vector<RemoteAddr> others;       // what the other depths hold, or held last: compare it, or check it
};

// Needs: the frame's thread stopped. Cost: 1 read. Errors: gone, unreadable.
[[nodiscard]] Result<HeldSlots> find_held_slots(const RemoteMemory& memory, const Layout& layout,
                                                const Bytecode& bytecode, RemoteAddr frame,
                                                RemoteAddr object);

// The code object of the Python function that was entered last from the function that now runs in the thread
// whose state is at `thread`, if nothing has overwritten its frame since: a frame that was popped keeps its
// words. It may be long gone, so compare it, do not read it.
// Errors: gone, unreadable, not_found (no such memory, or frames are objects: up to 3.10). Cost: 2 reads.
[[nodiscard]] Result<RemoteAddr> read_last_callee(const RemoteMemory& memory, const Layout& layout,
                                                  RemoteAddr thread);

}  // namespace corotrace
