// SPDX-License-Identifier: MIT
// The table that CPython 3.13+ keeps of its own offsets, at the start of _PyRuntime. It is the target's word,
// so it is checked (cookie, bounds, alignment) and held against our table; validate_layout has the last word.
// Source: CPython Include/internal/pycore_runtime_structs.h / pycore_debug_offsets.h, struct
// _Py_DebugOffsets.
#pragma once

#include <string>
#include <vector>

#include "cpython_layouts/layout.hpp"
#include "cpython_layouts/version.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// What the target says of itself, before any table is chosen. Errors: not_found (no cookie: before 3.13).
[[nodiscard]] Result<PythonVersion> read_debug_version(const RemoteMemory& memory, RemoteAddr runtime);

}  // namespace corotrace
