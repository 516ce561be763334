// SPDX-License-Identifier: MIT
#include "symbols/elf_file.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "symbols/elf_headers.hpp"
#include "symbols/xz.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxSections = 65536;
constexpr std::size_t kMaxSectionNames = std::size_t{4} << 20;
constexpr std::size_t kMaxUnpackedBytes = std::size_t{64} << 20;

}  // namespace

Result<ElfFile> ElfFile::open(UniqueFd fd) {
    struct stat about {};
    if (::fstat(fd.get(), &about) != 0) return Error{Errc::io, errno, "looking at ELF file"};
    if (!S_ISREG(about.st_mode)) return Error{Errc::malformed, 0, "not a regular file"};
    ElfFile file;
    file.fd_ = std::move(fd);
    file.size_ = static_cast<std::uint64_t>(about.st_size);
    return parse(std::move(file));
}

Result<ElfFile> ElfFile::from_bytes(std::vector<std::byte> bytes) {
    ElfFile file;
    file.size_ = bytes.size();
    file.bytes_ = std::move(bytes);
    return parse(std::move(file));
}

Result<ElfFile> ElfFile::parse(ElfFile file) {
    CT_TRY(const auto bytes, file.read_extent(0, std::min<std::uint64_t>(file.size_, sizeof(Elf64_Ehdr))));
    CT_TRY(file.header_, parse_elf_header(bytes));
    if (auto done = file.read_sections(); !done) return done.error();
    return file;
}

Status ElfFile::read_at(std::uint64_t offset, std::span<std::byte> into) const {
    if (offset > size_ || into.size() > size_ - offset) {
        return Error{Errc::malformed, 0, "part of ELF file lies outside of it"};
    }
    if (!fd_.is_open()) {
        std::copy_n(bytes_.data() + offset, into.size(), into.data());
        return {};
    }
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t got =
            ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return Error{Errc::io, got < 0 ? errno : 0, "reading ELF file"};
        done += static_cast<std::size_t>(got);
    }
    return {};
}

Result<std::vector<std::byte>> ElfFile::read_extent(std::uint64_t offset, std::uint64_t size) const {
    if (size > kMaxSectionBytes || offset > size_ || size > size_ - offset) {
        return Error{Errc::malformed, 0, "part of ELF file lies outside of it"};
    }
    std::vector<std::byte> bytes(size);
    if (auto done = read_at(offset, bytes); !done) return done.error();
    return bytes;
}

Result<std::vector<Elf64_Phdr>> ElfFile::read_program_headers() const {
    CT_TRY(const auto bytes, read_extent(header_.e_phoff, header_.e_phnum * sizeof(Elf64_Phdr)));
    return parse_program_headers(bytes, header_.e_phnum);
}

// A file without section headers is whole: they are not needed to run it.
Status ElfFile::read_sections() {
    if (header_.e_shoff == 0) return {};
    if (header_.e_shentsize != sizeof(Elf64_Shdr)) {
        return Error{Errc::malformed, 0, "section headers of ELF file"};
    }
    // Large counts are in the first section header (gABI, chapter 4, e_shnum and e_shstrndx).
    std::uint64_t count = header_.e_shnum;
    std::uint64_t names_index = header_.e_shstrndx;
    Elf64_Shdr first{};
    if (auto done = read_at(header_.e_shoff, std::as_writable_bytes(std::span(&first, 1))); !done)
        return done;
    if (count == 0) count = first.sh_size;
    if (names_index == SHN_XINDEX) names_index = first.sh_link;
    if (count == 0) return {};
    if (count > kMaxSections) return Error{Errc::malformed, 0, "number of sections of ELF file"};
    CT_TRY(const auto bytes, read_extent(header_.e_shoff, count * sizeof(Elf64_Shdr)));
    sections_.resize(count);
    std::memcpy(sections_.data(), bytes.data(), bytes.size());
    if (names_index >= count || sections_[names_index].sh_size > kMaxSectionNames) {
        return Error{Errc::malformed, 0, "section names of ELF file"};
    }
    CT_TRY(const auto names, read_section(sections_[names_index]));
    names_.assign(reinterpret_cast<const char*>(names.data()), names.size());
    return {};
}

const Elf64_Shdr* ElfFile::find_section(std::string_view name) const {
    const auto found = std::find_if(sections_.begin(), sections_.end(), [&](const Elf64_Shdr& section) {
        return section.sh_name < names_.size() &&
               std::string_view(names_).substr(section.sh_name).starts_with(name) &&
               names_.c_str()[section.sh_name + name.size()] == '\0';
    });
    return found == sections_.end() ? nullptr : &*found;
}

Result<std::vector<std::byte>> ElfFile::read_section(const Elf64_Shdr& section) const {
    if (section.sh_type == SHT_NOBITS) return Error{Errc::not_found, 0, "section without bytes in the file"};
    if ((section.sh_flags & SHF_COMPRESSED) != 0) return Error{Errc::unsupported, 0, "compressed section"};
    return read_extent(section.sh_offset, section.sh_size);
}

std::optional<std::string> ElfFile::read_build_id() const {
    for (const Elf64_Shdr& section : sections_) {
        if (section.sh_type != SHT_NOTE || section.sh_size > kMaxNoteBytes) continue;
        const auto notes = read_section(section);
        if (!notes) continue;
        if (auto id = parse_build_id(*notes)) return id;
    }
    return std::nullopt;
}

std::optional<SymbolTable> ElfFile::read_symbol_table() const {
    const auto table = std::find_if(sections_.begin(), sections_.end(),
                                    [](const Elf64_Shdr& s) { return s.sh_type == SHT_SYMTAB; });
    if (table == sections_.end() || table->sh_entsize != sizeof(Elf64_Sym)) return std::nullopt;
    if (table->sh_link >= sections_.size()) return std::nullopt;
    const auto symbols = read_section(*table);
    const auto strings = read_section(sections_[table->sh_link]);
    if (!symbols || !strings) return std::nullopt;
    const char* const text = reinterpret_cast<const char*>((*strings).data());
    return SymbolTable(*symbols, std::vector<char>(text, text + (*strings).size()));
}

std::optional<ElfFile::DebugLink> ElfFile::read_debug_link() const {
    constexpr std::size_t kMaxLinkBytes = 4096;
    const Elf64_Shdr* const section = find_section(".gnu_debuglink");
    if (section == nullptr || section->sh_size > kMaxLinkBytes) return std::nullopt;
    const auto bytes = read_section(*section);
    if (!bytes) return std::nullopt;
    const auto end = std::find((*bytes).begin(), (*bytes).end(), std::byte{0});
    DebugLink link;
    for (auto at = (*bytes).begin(); at != end; ++at) link.file_name += std::to_integer<char>(*at);
    const bool is_plain_name = !link.file_name.empty() && link.file_name != "." && link.file_name != ".." &&
                               link.file_name.find('/') == std::string::npos;
    const auto crc = load<std::uint32_t>(*bytes, (link.file_name.size() + 4) & ~std::size_t{3});
    if (!is_plain_name || !crc) return std::nullopt;
    link.crc = *crc;
    return link;
}

std::optional<ElfFile> ElfFile::read_mini_debug_info() const {
    const Elf64_Shdr* const section = find_section(".gnu_debugdata");
    if (section == nullptr || section->sh_size > kMaxUnpackedBytes) return std::nullopt;
    const auto packed = read_section(*section);
    if (!packed) return std::nullopt;
    auto unpacked = unpack_xz(*packed, kMaxUnpackedBytes);
    if (!unpacked) return std::nullopt;
    auto file = from_bytes(std::move(*unpacked));
    if (!file) return std::nullopt;
    return std::move(*file);
}

std::optional<std::uint32_t> ElfFile::read_crc() const {
    if (size_ > kMaxCheckedBytes) return std::nullopt;
    std::vector<std::byte> chunk(std::size_t{256} << 10);
    uLong crc = ::crc32(0, nullptr, 0);
    for (std::uint64_t at = 0; at < size_;) {
        const std::span part(chunk.data(), std::min<std::uint64_t>(chunk.size(), size_ - at));
        if (!read_at(at, part)) return std::nullopt;
        crc = ::crc32(crc, reinterpret_cast<const Bytef*>(part.data()), static_cast<uInt>(part.size()));
        at += part.size();
    }
    return static_cast<std::uint32_t>(crc);
}

}  // namespace corotrace
