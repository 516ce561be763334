// SPDX-License-Identifier: MIT
// DebugLines: the source lines of native code, from the DWARF line tables of an ELF file, by libdw.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "symbols/elf_file.hpp"

struct Dwarf;  // libdw

namespace corotrace {

struct SourcePlace {
    std::string file;  // as the compiler was told it, relative ones with their folder
    int line = 0;
};

class DebugLines {
public:
    // Nothing if the file has no DWARF. Cost: reads the headers only.
    [[nodiscard]] static std::optional<DebugLines> open(ElfFile file);

    // Of the instruction at `value`, a virtual address of the file. Nothing in code without line information.
    // Cost: the line table of one compilation unit when it is first met, kept; where the file has no index
    // of addresses (.debug_aranges), a walk over all units, some ms for a CPython.
    [[nodiscard]] std::optional<SourcePlace> at(std::uint64_t value) const;

private:
    struct EndDwarf {
        void operator()(Dwarf* dwarf) const;
    };
    explicit DebugLines(ElfFile file) : file_(std::move(file)) {}

    ElfFile file_;
    std::unique_ptr<Dwarf, EndDwarf> dwarf_;  // ends before its file
};

}  // namespace corotrace
