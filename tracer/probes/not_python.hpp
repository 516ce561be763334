// SPDX-License-Identifier: MIT
// What to say when no CPython that could be traced is found in a process: which other thing it is, and what
// the user can do instead.
#pragma once

#include <sys/types.h>

#include "symbols/remote_memory.hpp"
#include "symbols/symbol_index.hpp"

namespace corotrace {

// Always Errc::unsupported; `what` is a whole sentence, told apart: PyPy, a CPython so old that it has no
// coroutine type, and no Python at all, then with the Python processes among its descendants (a shell or a
// supervisor in front of the service is what is attached to most often by mistake).
// Cost: some ms, and for the descendants a look at each, of which kMaxDescendants are taken.
[[nodiscard]] Error explain_not_python(pid_t pid, const RemoteMemory& memory, SymbolIndex& symbols);

inline constexpr std::size_t kMaxDescendants = 64;

}  // namespace corotrace
