// SPDX-License-Identifier: MIT
// CoreNotes: what the notes of a core file tell of the process that it was. Pure parsing of hostile bytes:
// what does not hold together is left out and said in `complaints`, and the rest stands.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/address.hpp"
#include "symbols/bytes.hpp"

namespace corotrace {

// A part of a file that was mapped.
struct CoreMapping {
    RemoteAddr start;
    RemoteAddr end;  // one past the last byte
    std::uint64_t file_offset = 0;
    std::string path;  // without the kernel's " (deleted)"
    bool deleted = false;
};

struct CoreNotes {
    std::optional<pid_t> pid;
    std::uint64_t threads = 0;
    std::optional<RemoteAddr> program_headers;  // of the program, as its loader was told (AT_PHDR)
    std::vector<CoreMapping> files;             // by address, without overlap
    std::vector<std::string> complaints;        // whole phrases for a person
};

// The notes of one PT_NOTE are added to `into`. At most kMaxCoreFiles mappings are kept.
// Source: elf(5) "Notes"; Linux v6.1 fs/binfmt_elf.c fill_note(), fill_files_note(), struct elf_prstatus,
// struct elf_prpsinfo of 64-bit machines; getauxval(3).
void parse_core_notes(ByteView notes, CoreNotes& into);

inline constexpr std::size_t kMaxCoreFiles = std::size_t{1} << 18;  // four times vm.max_map_count

}  // namespace corotrace
