// SPDX-License-Identifier: MIT
// The walk by which the stub makes the key of a site (arch::StubWalk), planned from the layout, done once
// more from outside, and held against the readers of cpython_layouts. The stub follows pointers inside the
// target: only a walk that was proved so on threads of this very process may be switched on.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cpython_layouts/code.hpp"
#include "cpython_layouts/frame.hpp"
#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/runtime.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/symbol_index.hpp"
#include "tracer/process/arch/arch.hpp"

namespace corotrace {

// Frames that a key is made of. Bounds what one drop may cost; stacks that differ only further out share a
// row.
inline constexpr std::uint32_t kSiteFrames = 64;
// A stack with no more functions is in its key as a whole, with the frames that stand between C and Python.
inline constexpr std::size_t kSureFrames = 48;

// Errors: not_found (the build does not export the function that returns the thread state).
[[nodiscard]] Result<arch::StubWalk> plan_site_walk(const Layout& layout, SymbolIndex& symbols,
                                                    RemoteAddr runtime);

// A drop as the stub sees it.
struct DropPlace {
    RemoteAddr thread_state;
    RemoteAddr object;
    std::uint64_t code = 0;  // with its tag
};

// The key that the stub makes of it. Needs: the thread stopped. Cost: 2 or 3 reads a frame.
// Errors: unreadable, gone.
[[nodiscard]] Result<std::uint64_t> make_site_key(const RemoteMemory& memory, const arch::StubWalk& walk,
                                                  const DropPlace& drop, std::uint32_t depth);

// Whether the walk, done from outside, meets the frames that copy_stack() finds in the same thread, each with
// its code's instruction. A thread that runs meanwhile may need several tries. Null: there was no frame.
// Errors: malformed (they differ), unreadable, gone.
[[nodiscard]] Result<std::optional<bool>> check_site_walk(const RemoteMemory& memory, const Layout& layout,
                                                          const arch::StubWalk& walk, CodeCache& codes,
                                                          const ThreadState& thread);

// Tries that on all threads of the process until it succeeds on one. Null: proved. Else why not.
// Cost: some ms for an idle process; at most about 0.1 s.
[[nodiscard]] std::optional<std::string> prove_site_walk(const RemoteMemory& memory, const Layout& layout,
                                                         const arch::StubWalk& walk, RemoteAddr runtime);

}  // namespace corotrace
