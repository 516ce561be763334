// SPDX-License-Identifier: MIT
// The memory map of a core file: its segments say how memory may be used, its notes which files are mapped.
#pragma once

#include "symbols/core_file.hpp"
#include "symbols/memory_map.hpp"

namespace corotrace {

// What gdb leaves out of a core has no segment; how it may be used is told by the program headers of its
// file, if the core holds them. A core does not tell shared memory: what is of a file, writable and left out
// counts as that, or was never written to. Cost: a few reads for each file. Errors: malformed.
[[nodiscard]] Result<MemoryMap> make_core_map(const CoreFile& core);

}  // namespace corotrace
