// SPDX-License-Identifier: MIT
// The table that CPython 3.13+ keeps of its own offsets, at the start of _PyRuntime. It is the target's word,
// so it is bounded and held against our table; what follows it is believed only after validate_layout().
// Source: CPython Include/internal/pycore_runtime.h (3.13), pycore_debug_offsets.h (3.14+), _Py_DebugOffsets.
#pragma once

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// What the target says of itself, before any table is chosen.
// Errors: not_found (no cookie: before 3.13), malformed.
[[nodiscard]] Result<PythonVersion> read_debug_version(const RemoteMemory& memory, RemoteAddr runtime);

// `base` with every number that the target's own table gives in place of ours. One read.
// Errors: unsupported (a version without such a table), malformed (numbers that no structure can have).
[[nodiscard]] Result<Layout> read_adjusted_layout(const RemoteMemory& memory, const Layout& base,
                                                  RemoteAddr runtime);

// Holds our table against the target's. Nothing to compare is fine. Errors: malformed, naming the number.
[[nodiscard]] Status check_debug_offsets(const RemoteMemory& memory, const Layout& layout,
                                         RemoteAddr runtime);

}  // namespace corotrace
