// SPDX-License-Identifier: MIT
// How a frame reaches the function of a coroutine: the proof, where frames keep nothing of the last call (up
// to 3.10), that a call in it made the coroutine itself, and that no wrapper of the same name did.
#pragma once

#include <string>
#include <vector>

#include "cpython_layouts/bytecode.hpp"
#include "cpython_layouts/code.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

// What the code of `frame` may write before the brackets of a call to enter the coroutine's function: "save",
// "self.save", "self._log.record", "DB.save". Only names of plain functions and of methods of its first
// argument, where that is a global, a variable or an attribute of the first variable. Empty: nothing is
// proved. Needs: the thread of `frame` stopped, the coroutine not started, frames are objects. Errors:
// unreadable. Cost: the globals, one dict more, of a method up to eight.
[[nodiscard]] Result<std::vector<std::string>> read_call_names(const RemoteMemory& memory,
                                                               const Layout& layout, const Code& code,
                                                               const Bytecode& bytecode, RemoteAddr frame,
                                                               RemoteAddr coroutine);

}  // namespace corotrace
