// SPDX-License-Identifier: MIT
// Finds the CPython of a running process, or says what the process is instead and what the user can do.
#pragma once

#include <sys/types.h>

#include "cpython_layouts/python_process.hpp"
#include "symbols/remote_memory.hpp"
#include "symbols/symbol_index.hpp"

namespace corotrace {

// As find_python_process(memory, symbols). Errors: that of explain_no_python().
[[nodiscard]] Result<PythonProcess> find_python_process(pid_t pid, const RemoteMemory& memory,
                                                        SymbolIndex& symbols);

// Always Errc::unsupported; `what` says what the process is instead, and what to do. What is no Python at all
// is named together with the Python processes among its descendants (a shell or a supervisor in front of the
// service is what is attached to most often by mistake). Cost: for the descendants a look at each, of which
// kMaxDescendants are taken.
[[nodiscard]] Error explain_no_python(pid_t pid, const NoPython& reason);

inline constexpr std::size_t kMaxDescendants = 64;

}  // namespace corotrace
