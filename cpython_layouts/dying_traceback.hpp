// SPDX-License-Identifier: MIT
// The functions that an exception has left, at the moment when the last reference to it goes. Its traceback
// is what kept their variables; while that is taken apart, each of its entries lies on the native stack of
// the thread with no reference left, and the first frame without one is the one whose variables go now. Or
// the exception itself held it (AttributeError.obj, its arguments): then its traceback is still whole.
#pragma once

#include <span>
#include <vector>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"

namespace corotrace {

// Innermost first: the function whose variables are being cleared at the instruction that raised, then its
// callers up to the one that caught the exception, which may still run; where the exception held the object,
// all functions of its traceback. Empty: no traceback is being taken
// apart, or the build is free-threaded. Needs: the thread stopped. Cost: a look at up
// to 12 KiB of the native stack and at what it points to. Errors: gone, unreadable.
[[nodiscard]] Result<std::vector<RawFrame>> find_dying_traceback(const RemoteMemory& memory,
                                                                 const Layout& layout, CodeCache& codes,
                                                                 RemoteAddr native_stack,
                                                                 std::span<const std::uint64_t> registers);

}  // namespace corotrace
