// SPDX-License-Identifier: MIT
#include "symbols/elf_headers.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace corotrace {

namespace {

Result<Elf64_Ehdr> parse_header(ByteView bytes) {
    const auto ident = load<std::array<unsigned char, EI_NIDENT>>(bytes, 0);
    if (!ident || std::memcmp(ident->data(), ELFMAG, SELFMAG) != 0) {
        return Error{Errc::malformed, 0, "not an ELF file"};
    }
    if ((*ident)[EI_CLASS] != ELFCLASS64) return Error{Errc::unsupported, 0, "a 32-bit ELF file"};
    if ((*ident)[EI_DATA] != ELFDATA2LSB) return Error{Errc::unsupported, 0, "a big-endian ELF file"};
    const auto header = load<Elf64_Ehdr>(bytes, 0);
    if (!header) return Error{Errc::malformed, 0, "ELF header is cut off"};
    if (header->e_phnum != 0 && header->e_phentsize != sizeof(Elf64_Phdr)) {
        return Error{Errc::malformed, 0, "program headers of ELF file"};
    }
    return *header;
}

}  // namespace

Result<Elf64_Ehdr> parse_elf_header(ByteView bytes) {
    CT_TRY(const Elf64_Ehdr header, parse_header(bytes));
    if (header.e_phnum > kMaxProgramHeaders) return Error{Errc::malformed, 0, "program headers of ELF file"};
    return header;
}

Result<Elf64_Ehdr> parse_core_header(ByteView bytes) {
    CT_TRY(const Elf64_Ehdr header, parse_header(bytes));
    if (header.e_type != ET_CORE) return Error{Errc::malformed, 0, "not a core file, but another ELF file"};
    return header;
}

bool has_sound_extent(const Elf64_Phdr& header) {
    return header.p_vaddr + header.p_memsz >= header.p_vaddr &&
           header.p_offset + header.p_filesz >= header.p_offset && header.p_filesz <= header.p_memsz;
}

Result<std::vector<Elf64_Phdr>> parse_program_headers(ByteView bytes, std::size_t count) {
    std::vector<Elf64_Phdr> headers;
    for (std::size_t i = 0; i < std::min(count, kMaxProgramHeaders); ++i) {
        const auto header = load<Elf64_Phdr>(bytes, i * sizeof(Elf64_Phdr));
        if (!header) return Error{Errc::malformed, 0, "program headers are cut off"};
        if (header->p_type == PT_LOAD && !has_sound_extent(*header)) {
            return Error{Errc::malformed, 0, "extent of loadable segment"};
        }
        headers.push_back(*header);
    }
    return headers;
}

std::optional<std::string> parse_build_id(ByteView notes) {
    constexpr std::size_t kMaxIdBytes = 64;  // SHA-1 has 20
    constexpr std::size_t kAlign = 4;
    const auto padded = [](std::size_t size) { return (size + kAlign - 1) & ~(kAlign - 1); };
    std::size_t at = 0;
    while (const auto note = load<Elf64_Nhdr>(notes, at)) {
        const std::size_t name_at = at + sizeof(*note);
        const std::size_t id_at = name_at + padded(note->n_namesz);
        if (id_at > notes.size() || note->n_descsz > notes.size() - id_at) return std::nullopt;
        const std::string_view name(reinterpret_cast<const char*>(notes.data()) + name_at, note->n_namesz);
        if (note->n_type == NT_GNU_BUILD_ID && name == std::string_view("GNU\0", 4) && note->n_descsz > 0 &&
            note->n_descsz <= kMaxIdBytes) {
            std::string hex;
            for (const std::byte byte : notes.subspan(id_at, note->n_descsz)) {
                constexpr std::string_view kDigits = "0123456789abcdef";
                hex += kDigits[std::to_integer<unsigned>(byte) >> 4];
                hex += kDigits[std::to_integer<unsigned>(byte) & 0xf];
            }
            return hex;
        }
        at = id_at + padded(note->n_descsz);
    }
    return std::nullopt;
}

bool is_defined_symbol(const Elf64_Sym& symbol) {
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS) return false;
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    return type == STT_NOTYPE || type == STT_OBJECT || is_function_symbol(symbol);
}

bool is_function_symbol(const Elf64_Sym& symbol) {
    const unsigned type = ELF64_ST_TYPE(symbol.st_info);
    return type == STT_FUNC || type == STT_GNU_IFUNC;
}

}  // namespace corotrace
