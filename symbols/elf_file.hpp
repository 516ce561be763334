// SPDX-License-Identifier: MIT
// ElfFile: an ELF file, or one unpacked in memory, read by its sections: symbol tables, build id, the ways
// to separate debug information. Reads what it is asked for with pread(2) and never maps the file, so that
// one that shrinks under us is an error and no SIGBUS. An own reader and not libelf, because the file is as
// hostile as the process that brought it.
#pragma once

#include <elf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/bytes.hpp"
#include "symbols/result.hpp"
#include "symbols/symbol_table.hpp"
#include "symbols/unique_fd.hpp"

namespace corotrace {

class ElfFile {
public:
    // Errors: io, malformed, unsupported.
    [[nodiscard]] static Result<ElfFile> open(UniqueFd fd);
    [[nodiscard]] static Result<ElfFile> from_bytes(std::vector<std::byte> bytes);

    [[nodiscard]] const Elf64_Ehdr& header() const { return header_; }
    [[nodiscard]] Result<std::vector<Elf64_Phdr>> read_program_headers() const;
    // The first section of that name and its type, unless it has no bytes in the file.
    [[nodiscard]] const Elf64_Shdr* find_section(std::string_view name) const;

    [[nodiscard]] std::optional<std::string> read_build_id() const;
    // .symtab with its strings.
    [[nodiscard]] std::optional<SymbolTable> read_symbol_table() const;

    struct DebugLink {
        std::string file_name;
        std::uint32_t crc = 0;
    };
    // .gnu_debuglink; a name with a slash is refused. Source: gdb manual, "Separate Debug Files".
    [[nodiscard]] std::optional<DebugLink> read_debug_link() const;
    // .gnu_debugdata, unpacked. Source: gdb manual, "MiniDebugInfo".
    [[nodiscard]] std::optional<ElfFile> read_mini_debug_info() const;
    // The checksum that a DebugLink names. Reads the whole file; nothing over kMaxCheckedBytes.
    [[nodiscard]] std::optional<std::uint32_t> read_crc() const;

    // Extents in the file that are larger than this are taken for damage.
    static constexpr std::uint64_t kMaxSectionBytes = std::uint64_t{512} << 20;
    static constexpr std::uint64_t kMaxCheckedBytes = std::uint64_t{1} << 30;

private:
    ElfFile() = default;
    [[nodiscard]] static Result<ElfFile> parse(ElfFile file);
    [[nodiscard]] Status read_at(std::uint64_t offset, std::span<std::byte> into) const;
    [[nodiscard]] Result<std::vector<std::byte>> read_extent(std::uint64_t offset, std::uint64_t size) const;
    [[nodiscard]] Status read_sections();
    [[nodiscard]] Result<std::vector<std::byte>> read_section(const Elf64_Shdr& section) const;

    UniqueFd fd_;                   // either this
    std::vector<std::byte> bytes_;  // or this
    std::uint64_t size_ = 0;
    Elf64_Ehdr header_{};
    std::vector<Elf64_Shdr> sections_;
    std::string names_;
};

}  // namespace corotrace
