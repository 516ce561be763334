// SPDX-License-Identifier: MIT
// Caves: bytes that are mapped in the target and that nobody uses, behind the last byte of a segment up to
// the end of its last page. The stub's code goes into one behind executable code, its data into one behind
// writable data, so that nothing has to be allocated inside the target.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "symbols/process_memory.hpp"
#include "symbols/symbol_index.hpp"

namespace corotrace {

struct Cave {
    RemoteAddr start;
    std::uint64_t bytes = 0;
    std::string module;  // whose segment it follows
};

// The bytes between the end of a segment and the end of its last page, in private memory that still has the
// segment's permissions.
struct Tail {
    RemoteAddr start;
    RemoteAddr end;
    bool writable = false;
    bool executable = false;
};
[[nodiscard]] std::optional<Tail> find_tail(const MemoryMap& map, const Segment& segment);

struct Caves {
    Cave code;
    std::vector<Cave> data;  // the block's first
};

// In bytes.
struct CaveSizes {
    std::uint64_t code = 0;
    std::uint64_t least_data = 0;    // of the first cave for data
    std::uint64_t further_data = 0;  // of each other one
    std::uint64_t wanted_data = 0;   // of all together
};

// Finds a cave for the code and those for data: the largest first, and more until what is wanted is there.
// All bytes of a cave are zero now, and a data cave counts only where no allocator takes what the loader left
// over: not behind the dynamic loader's own data (glibc elf/dl-minimal.c starts its heap there), not where
// the heap starts on the same page, and under musl only where the whole tail is zero: ldso/dynlink.c
// reclaim_gaps gives those of the program and what it is linked with to malloc, whose header at their start
// is never zero (src/malloc/mallocng/donate.c, before 1.2.1 src/malloc/malloc.c __malloc_donate), but not
// those of modules that are loaded later. A module that the program may unload counts only if nothing else
// offers a first cave; see stays_loaded(). Cost: one read a candidate. Errors: not_found, naming what was
// examined.
[[nodiscard]] Result<Caves> find_caves(pid_t pid, const ProcessMemory& memory, SymbolIndex& symbols,
                                       const CaveSizes& sizes);

}  // namespace corotrace
