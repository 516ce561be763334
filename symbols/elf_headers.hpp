// SPDX-License-Identifier: MIT
// The ELF header, program headers and notes as checked values, whether they come from a file or from the
// target's memory. Pure parsing of hostile bytes; 64-bit little-endian only.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "symbols/bytes.hpp"
#include "symbols/result.hpp"

namespace corotrace {

inline constexpr std::size_t kMaxProgramHeaders = 128;  // real files have about a dozen
inline constexpr std::size_t kMaxNoteBytes = std::size_t{64} << 10;

// Errors: malformed (no ELF, odd entry sizes, too many headers), unsupported (32-bit, big-endian).
[[nodiscard]] Result<Elf64_Ehdr> parse_elf_header(ByteView bytes);

// The header of a core file, which has as many program headers as the process had mappings; they are for the
// caller to cap. Errors: as above, and malformed (another kind of ELF file).
[[nodiscard]] Result<Elf64_Ehdr> parse_core_header(ByteView bytes);

// Whether a PT_LOAD does not wrap round and has no more bytes in the file than in memory.
[[nodiscard]] bool has_sound_extent(const Elf64_Phdr& header);

// The table at the start of `bytes`; at most `count` entries. Errors: malformed (short, or a PT_LOAD that
// wraps round the address space or has more bytes in the file than in memory).
[[nodiscard]] Result<std::vector<Elf64_Phdr>> parse_program_headers(ByteView bytes, std::size_t count);

// The GNU build id in lower-case hex, out of the notes of one PT_NOTE or SHT_NOTE.
[[nodiscard]] std::optional<std::string> parse_build_id(ByteView notes);

// A symbol that stands for an address in its module: defined, and code, data or untyped.
[[nodiscard]] bool is_defined_symbol(const Elf64_Sym& symbol);
[[nodiscard]] bool is_function_symbol(const Elf64_Sym& symbol);

}  // namespace corotrace
