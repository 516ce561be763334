// SPDX-License-Identifier: MIT
// The function that has just ended and by that dropped an object. While its variables are cleared it is no
// longer on the stack, and its caller looks like the innermost one; but its frame is still where it was:
// behind the caller's on the thread's data stack, inside the generator or coroutine that it belongs to, or,
// up to 3.10, a frame object without references that the native stack points to.
#pragma once

#include <optional>
#include <span>

#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/code.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/preview.hpp"
#include "cpython_layouts/runtime.hpp"

namespace corotrace {

struct EndedFrame {
    RawFrame frame;
    bool on_data_stack = false;  // where nothing else can be
    bool is_next = false;        // and right behind the innermost function's
};

// What may still point to such a frame, beside the thread state.
struct EndedHints {
    RemoteAddr native_stack;                   // top of the thread's native stack; up to 3.10
    std::span<const std::uint64_t> registers;  // up to 3.10
    std::span<const RemoteAddr>
        objects;  // that may be the generator: operands of the innermost frame, a task's
};

// Null: none was found, which does not mean that there is none. A frame on the data stack is one that ends
// now. A generator must still name the object, or something that is being deallocated now, and a frame object
// be without references and on its way back to the innermost frame; either may have ended a while ago if the
// innermost frame's instruction calls nothing. Needs: the thread stopped, dropping `object`. `stack` as
// copied from it. Cost: 2 to 4 reads, and one or two for each variable of a generator that has ended; up
// to 3.10 a look at up to 16 KiB of the native stack and what it points to. Errors: gone, unreadable.
[[nodiscard]] Result<std::optional<EndedFrame>> find_ended_frame(const RemoteMemory& memory,
                                                                 const Layout& layout, CodeCache& codes,
                                                                 TypeCache& types, const ThreadState& thread,
                                                                 const RawStack& stack, RemoteAddr object,
                                                                 const EndedHints& hints);

}  // namespace corotrace
