// SPDX-License-Identifier: MIT
// A small C program in any ELF shape, which tells where its own symbols are: the truth that symbol tests
// compare with. The shape is what `flags` of the compiler make of it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/elf_module.hpp"
#include "symbols/live_image.hpp"
#include "symbols/process_memory.hpp"
#include "symbols/symbol_index.hpp"
#include "tests/support/child_process.hpp"

namespace corotrace {

// Compiles the program to `path`. False if this machine's compiler cannot make that shape.
[[nodiscard]] bool compile_elf_program(const std::string& path, const std::string& flags);

// The same as a library, without main().
[[nodiscard]] bool compile_elf_library(const std::string& path, const std::string& flags);

// The running program and what it said of itself.
struct ElfProgram {
    ChildProcess process;
    ProcessMemory memory;
    RemoteAddr exported_data;      // "corotrace_data", 24 bytes in .data
    RemoteAddr exported_function;  // "corotrace_function"
    RemoteAddr hidden_function;    // "hidden_function", static
    RemoteAddr section_data;       // in section ".corotrace"

    // `command` runs the program by whatever way.
    [[nodiscard]] static ElfProgram run(const std::vector<std::string>& command);
    // Of the program as it is where it stands now: not to be moved afterwards.
    [[nodiscard]] SymbolIndex index() const;
    mutable std::vector<std::unique_ptr<LiveImage>> images;  // of the indexes
};

}  // namespace corotrace
