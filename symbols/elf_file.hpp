// SPDX-License-Identifier: MIT
// ElfFile: an ELF file, or one unpacked in memory, read by its sections with libelf: symbol tables, build id,
// the ways to separate debug information, source lines (libdw). The file is as hostile as the process that
// brought it: every extent is checked against the file and capped before libelf is asked for it, and it is
// read with pread(2), never mapped, so that one that shrinks under us is an error and no SIGBUS.
#pragma once

#include <elf.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "symbols/bytes.hpp"
#include "symbols/result.hpp"
#include "symbols/source_file.hpp"
#include "symbols/symbol_table.hpp"
#include "symbols/unique_fd.hpp"

struct Elf;      // libelf
struct Elf_Scn;  // libelf: one section

namespace corotrace {

class ElfFile {
public:
    // Errors: io, malformed, unsupported.
    [[nodiscard]] static Result<ElfFile> open(UniqueFd fd);
    [[nodiscard]] static Result<ElfFile> from_bytes(std::vector<std::byte> bytes);

    [[nodiscard]] const Elf64_Ehdr& header() const { return header_; }
    [[nodiscard]] Result<std::vector<Elf64_Phdr>> read_program_headers() const;
    // The first section of that name.
    [[nodiscard]] std::optional<Elf64_Shdr> find_section(std::string_view name) const;

    [[nodiscard]] std::optional<std::string> read_build_id() const;
    // .symtab with its strings, null if there is none. All who hold that of one file, unchanged between, hold
    // the same: processes of one image cost its memory once. From any thread.
    [[nodiscard]] std::shared_ptr<const SymbolTable> read_symbol_table() const;

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

    // libelf's handle, for libdw; lives as long as this.
    [[nodiscard]] Elf* handle() const { return elf_.get(); }

    // Extents in the file that are larger than this are taken for damage.
    static constexpr std::uint64_t kMaxSectionBytes = std::uint64_t{512} << 20;
    static constexpr std::uint64_t kMaxCheckedBytes = std::uint64_t{1} << 30;

private:
    struct EndElf {
        void operator()(Elf* elf) const;
    };
    ElfFile() = default;
    [[nodiscard]] static Result<ElfFile> parse(ElfFile file);
    Elf_Scn* find_section_where(auto&& is_wanted) const;
    [[nodiscard]] std::shared_ptr<const SymbolTable> load_symbol_table() const;
    [[nodiscard]] std::optional<ByteView> read_section(Elf_Scn* section, std::uint64_t max_bytes) const;
    [[nodiscard]] Elf_Scn* find_named(std::string_view name) const;

    UniqueFd fd_;                               // either this
    std::unique_ptr<std::vector<char>> bytes_;  // or this; does not move with us
    std::uint64_t size_ = 0;
    std::optional<SourceStamp> stamp_;  // of the file that it is, or was unpacked from
    Elf64_Ehdr header_{};
    std::unique_ptr<Elf, EndElf> elf_;  // ends before what it reads from
};

}  // namespace corotrace
