// SPDX-License-Identifier: MIT
// Where a suspended coroutine waits: its own frame, that of the coroutine which it awaits, and so on inwards.
// And the frames of a traceback, which name the same kind of place.
#pragma once

#include <vector>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

struct AwaitChain {
    // Innermost first, and at most 64. Empty: the coroutine has not started. What awaits something that is
    // neither a coroutine nor an async generator is the first one.
    std::vector<RawFrame> frames;
    // The coroutine has ended: `frames` is its own alone, where it ran last.
    bool closed = false;
};

// Needs: the coroutine suspended or ended, and held still. Cost: 5 reads a frame. Errors: gone, unreadable,
// malformed (of the outermost; further in the chain ends), not_found (it has ended, and its frame with it: up
// to 3.10).
[[nodiscard]] Result<AwaitChain> read_await_chain(const RemoteMemory& memory, const Layout& layout,
                                                  CodeCache& codes, RemoteAddr coroutine);

// The operands of a suspended frame, the last one on top; null where there is none. Cost: 2 or 3 reads.
// Errors: gone, unreadable, malformed (more than a frame can have).
[[nodiscard]] Result<std::vector<RemoteAddr>> read_operands(const RemoteMemory& memory, const Layout& layout,
                                                            const RawFrame& frame);

// The frames of an exception's traceback, innermost (where it was raised) first, and at most the 64
// outermost. Empty: it has none. Errors: gone, unreadable, malformed.
[[nodiscard]] Result<std::vector<RawFrame>> read_traceback(const RemoteMemory& memory, const Layout& layout,
                                                           CodeCache& codes, RemoteAddr exception);

}  // namespace corotrace
