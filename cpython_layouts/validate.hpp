// SPDX-License-Identifier: MIT
// validate_layout: whether a table fits a live process, found out by reading what must be there. Catches a
// wrong offset before it turns into nonsense; the error says which belief failed.
#pragma once

#include "cpython_layouts/layout.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// `runtime` is the address of _PyRuntime, `coroutine_type` that of PyCoro_Type. Needs nothing stopped: what
// may change meanwhile (frames) is tried more than once. Cost: a few hundred reads through a page cache of
// its own, which `memory` must not be. Errors: unsupported (a belief failed: named), gone, denied.
[[nodiscard]] Status validate_layout(const RemoteMemory& memory, const Layout& layout, RemoteAddr runtime,
                                     RemoteAddr coroutine_type);

}  // namespace corotrace
