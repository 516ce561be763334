// SPDX-License-Identifier: MIT
#include "symbols/elf_file.hpp"

#include <gelf.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <tuple>

#include "symbols/elf_headers.hpp"
#include "symbols/xz.hpp"

namespace corotrace {

namespace {

constexpr std::size_t kMaxSections = 65536;
constexpr std::size_t kMaxDebugDataBytes = std::size_t{64} << 20;

Error from_libelf(const char* doing) {
    const char* const why = ::elf_errmsg(-1);
    return {Errc::malformed, 0,
            std::string(doing) + ": " + (why == nullptr ? "libelf gives no reason" : why)};
}

// libelf trusts what the first bytes say about sizes of entries and counts of sections.
Status check_section_headers(const Elf64_Ehdr& header, std::uint64_t file_size) {
    if (header.e_shoff == 0) return {};  // a file without section headers is whole: running needs none
    if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shoff > file_size ||
        header.e_shnum > (file_size - header.e_shoff) / sizeof(Elf64_Shdr)) {
        return Error{Errc::malformed, 0, "section headers of ELF file"};
    }
    return {};
}

// The symbol tables that somebody holds, by the file that they are of; what was unpacked from a file is
// another.
class HeldTables {
public:
    std::shared_ptr<const SymbolTable> find_or_load(const SourceStamp& stamp, bool is_unpacked, auto&& load) {
        const std::lock_guard lock(mutex_);
        std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
        std::weak_ptr<const SymbolTable>& held = held_[Key{stamp.device, stamp.inode, stamp.size,
                                                           stamp.modified_ns, stamp.changed_ns, is_unpacked}];
        if (auto table = held.lock()) return table;
        std::shared_ptr<const SymbolTable> table = load();
        held = table;
        return table;
    }

private:
    using Key = std::tuple<std::uint64_t, std::uint64_t, std::int64_t, std::int64_t, std::int64_t, bool>;
    std::mutex mutex_;
    std::map<Key, std::weak_ptr<const SymbolTable>> held_;
};

HeldTables& held_tables() {
    static HeldTables tables;
    return tables;
}

}  // namespace

void ElfFile::EndElf::operator()(Elf* elf) const {
    ::elf_end(elf);
}

Result<ElfFile> ElfFile::open(UniqueFd fd) {
    struct stat about {};
    if (::fstat(fd.get(), &about) != 0) return Error{Errc::io, errno, "looking at ELF file"};
    if (!S_ISREG(about.st_mode)) return Error{Errc::malformed, 0, "not a regular file"};
    ElfFile file;
    file.fd_ = std::move(fd);
    file.size_ = static_cast<std::uint64_t>(about.st_size);
    file.stamp_ = make_source_stamp(about);
    std::array<std::byte, sizeof(Elf64_Ehdr)> start{};
    const ssize_t got = ::pread(file.fd_.get(), start.data(), start.size(), 0);
    if (got < 0) return Error{Errc::io, errno, "reading ELF file"};
    CT_TRY(file.header_, parse_elf_header(ByteView(start).first(static_cast<std::size_t>(got))));
    ::elf_version(EV_CURRENT);
    file.elf_.reset(::elf_begin(file.fd_.get(), ELF_C_READ, nullptr));
    return parse(std::move(file));
}

Result<ElfFile> ElfFile::from_bytes(std::vector<std::byte> bytes) {
    ElfFile file;
    file.size_ = bytes.size();
    CT_TRY(file.header_, parse_elf_header(bytes));
    // libelf wants bytes that it may write to.
    const char* const text = reinterpret_cast<const char*>(bytes.data());
    file.bytes_ = std::make_unique<std::vector<char>>(text, text + bytes.size());
    ::elf_version(EV_CURRENT);
    file.elf_.reset(::elf_memory(file.bytes_->data(), file.bytes_->size()));
    return parse(std::move(file));
}

Result<ElfFile> ElfFile::parse(ElfFile file) {
    if (!file.elf_ || ::elf_kind(file.elf_.get()) != ELF_K_ELF) return from_libelf("opening ELF file");
    if (auto done = check_section_headers(file.header_, file.size_); !done) return std::move(done).error();
    std::size_t sections = 0;
    if (::elf_getshdrnum(file.elf_.get(), &sections) != 0) return from_libelf("sections of ELF file");
    if (sections > kMaxSections) return Error{Errc::malformed, 0, "number of sections of ELF file"};
    std::size_t names = 0;
    if (sections != 0 && (::elf_getshdrstrndx(file.elf_.get(), &names) != 0 || names >= sections)) {
        return Error{Errc::malformed, 0, "section names of ELF file"};
    }
    return file;
}

Result<std::vector<Elf64_Phdr>> ElfFile::read_program_headers() const {
    std::vector<Elf64_Phdr> headers(header_.e_phnum);
    for (int i = 0; i < header_.e_phnum; ++i) {
        if (::gelf_getphdr(elf_.get(), i, &headers[static_cast<std::size_t>(i)]) == nullptr) {
            return from_libelf("program headers of ELF file");
        }
    }
    return parse_program_headers(std::as_bytes(std::span(headers)), headers.size());
}

Elf_Scn* ElfFile::find_section_where(auto&& is_wanted) const {
    Elf_Scn* section = nullptr;
    while ((section = ::elf_nextscn(elf_.get(), section)) != nullptr) {
        Elf64_Shdr header{};
        if (::gelf_getshdr(section, &header) != nullptr && is_wanted(section, header)) return section;
    }
    return nullptr;
}

Elf_Scn* ElfFile::find_named(std::string_view name) const {
    std::size_t names = 0;
    if (::elf_getshdrstrndx(elf_.get(), &names) != 0) return nullptr;
    return find_section_where([&](Elf_Scn*, const Elf64_Shdr& header) {
        const char* const found = ::elf_strptr(elf_.get(), names, header.sh_name);
        return found != nullptr && name == found;
    });
}

std::optional<Elf64_Shdr> ElfFile::find_section(std::string_view name) const {
    Elf64_Shdr header{};
    if (::gelf_getshdr(find_named(name), &header) == nullptr) return std::nullopt;
    return header;
}

std::optional<ByteView> ElfFile::read_section(Elf_Scn* section, std::uint64_t max_bytes) const {
    Elf64_Shdr header{};
    if (::gelf_getshdr(section, &header) == nullptr || header.sh_type == SHT_NOBITS) return std::nullopt;
    if ((header.sh_flags & SHF_COMPRESSED) != 0 || header.sh_size > max_bytes) return std::nullopt;
    if (header.sh_offset > size_ || header.sh_size > size_ - header.sh_offset) return std::nullopt;
    const Elf_Data* const data = ::elf_rawdata(section, nullptr);
    if (data == nullptr || (data->d_buf == nullptr && data->d_size != 0)) return std::nullopt;
    return ByteView(static_cast<const std::byte*>(data->d_buf), data->d_size);
}

std::optional<std::string> ElfFile::read_build_id() const {
    std::optional<std::string> id;
    find_section_where([&](Elf_Scn* section, const Elf64_Shdr& header) {
        if (header.sh_type != SHT_NOTE) return false;
        const auto notes = read_section(section, kMaxNoteBytes);
        if (notes) id = parse_build_id(*notes);
        return id.has_value();
    });
    return id;
}

std::shared_ptr<const SymbolTable> ElfFile::read_symbol_table() const {
    if (!stamp_) return load_symbol_table();
    return held_tables().find_or_load(*stamp_, bytes_ != nullptr, [&] { return load_symbol_table(); });
}

std::shared_ptr<const SymbolTable> ElfFile::load_symbol_table() const {
    Elf64_Shdr header{};
    Elf_Scn* const table = find_section_where(
        [](Elf_Scn*, const Elf64_Shdr& candidate) { return candidate.sh_type == SHT_SYMTAB; });
    if (::gelf_getshdr(table, &header) == nullptr || header.sh_entsize != sizeof(Elf64_Sym)) {
        return nullptr;
    }
    const auto symbols = read_section(table, kMaxSectionBytes);
    const auto strings = read_section(::elf_getscn(elf_.get(), header.sh_link), kMaxSectionBytes);
    if (!symbols || !strings) return nullptr;
    const char* const text = reinterpret_cast<const char*>(strings->data());
    return std::make_shared<const SymbolTable>(*symbols, std::vector<char>(text, text + strings->size()));
}

std::optional<ElfFile::DebugLink> ElfFile::read_debug_link() const {
    constexpr std::size_t kMaxLinkBytes = 4096;
    const auto bytes = read_section(find_named(".gnu_debuglink"), kMaxLinkBytes);
    if (!bytes) return std::nullopt;
    const auto end = std::find(bytes->begin(), bytes->end(), std::byte{0});
    DebugLink link;
    for (auto at = bytes->begin(); at != end; ++at) link.file_name += std::to_integer<char>(*at);
    const bool is_plain_name = !link.file_name.empty() && link.file_name != "." && link.file_name != ".." &&
                               link.file_name.find('/') == std::string::npos;
    const auto crc = load<std::uint32_t>(*bytes, (link.file_name.size() + 4) & ~std::size_t{3});
    if (!is_plain_name || !crc) return std::nullopt;
    link.crc = *crc;
    return link;
}

std::optional<ElfFile> ElfFile::read_mini_debug_info() const {
    const auto packed = read_section(find_named(".gnu_debugdata"), kMaxDebugDataBytes);
    if (!packed) return std::nullopt;
    auto unpacked = unpack_xz(*packed, kMaxDebugDataBytes);
    if (!unpacked) return std::nullopt;
    auto file = from_bytes(std::move(*unpacked));
    if (!file) return std::nullopt;
    file->stamp_ = stamp_;
    return std::move(*file);
}

std::optional<std::uint32_t> ElfFile::read_crc() const {
    if (size_ > kMaxCheckedBytes) return std::nullopt;
    std::vector<char> chunk(std::size_t{256} << 10);
    uLong crc = ::crc32(0, nullptr, 0);
    const auto add = [&](const char* data, std::size_t size) {
        crc = ::crc32(crc, reinterpret_cast<const Bytef*>(data), static_cast<uInt>(size));
    };
    if (bytes_) add(bytes_->data(), bytes_->size());
    for (std::uint64_t at = 0; !bytes_ && at < size_;) {
        const ssize_t got = ::pread(fd_.get(), chunk.data(), chunk.size(), static_cast<off_t>(at));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return std::nullopt;
        add(chunk.data(), static_cast<std::size_t>(got));
        at += static_cast<std::uint64_t>(got);
    }
    return static_cast<std::uint32_t>(crc);
}

}  // namespace corotrace
