// SPDX-License-Identifier: MIT
#include "symbols/core_file.hpp"

#include <elf.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "symbols/elf_headers.hpp"
#include "symbols/read_file.hpp"

namespace corotrace {

namespace {

Error damaged(const char* what) {
    return {Errc::malformed, 0, what};
}

Result<CoreSegment> make_segment(const Elf64_Phdr& header, std::uint64_t file_size) {
    if (!has_sound_extent(header)) return damaged("a segment of the core has an extent that cannot be");
    const std::uint64_t there = header.p_offset < file_size ? file_size - header.p_offset : 0;
    return CoreSegment{.start = {header.p_vaddr},
                       .size = header.p_memsz,
                       .dumped = header.p_filesz,
                       .held = std::min(header.p_filesz, there),
                       .file_offset = header.p_offset,
                       .readable = (header.p_flags & PF_R) != 0,
                       .writable = (header.p_flags & PF_W) != 0,
                       .executable = (header.p_flags & PF_X) != 0};
}

}  // namespace

Result<std::unique_ptr<CoreFile>> CoreFile::open(UniqueFd fd) {
    struct stat about {};
    if (::fstat(fd.get(), &about) != 0) return Error{Errc::io, errno, "looking at the core file"};
    if (!S_ISREG(about.st_mode)) return damaged("it is not a regular file");
    std::unique_ptr<CoreFile> core(new CoreFile(std::move(fd), static_cast<std::uint64_t>(about.st_size)));
    if (auto done = core->read_headers(); !done) return std::move(done).error();
    return core;
}

bool CoreFile::read_bytes(std::uint64_t offset, std::span<std::byte> into) const {
    return read_file(fd_, offset, into) == into.size();
}

Status CoreFile::read_headers() {
    std::array<std::byte, sizeof(Elf64_Ehdr)> start{};
    const std::size_t there = std::min<std::uint64_t>(start.size(), size_);
    if (!read_bytes(0, std::span(start).first(there))) return Error{Errc::io, errno, "reading the core file"};
    CT_TRY(const Elf64_Ehdr header, parse_core_header(ByteView(start).first(there)));
    std::uint64_t count = header.e_phnum;
    if (count == PN_XNUM) {  // too many for their field: elf(5)
        std::array<std::byte, sizeof(Elf64_Shdr)> section{};
        if (!read_bytes(header.e_shoff, section)) return damaged("the number of its segments is cut off");
        count = load<Elf64_Shdr>(section, 0)->sh_info;
    }
    if (count > kMaxSegments) return Error{Errc::unsupported, 0, "it has too many segments"};
    if (header.e_phoff > size_ || count > (size_ - header.e_phoff) / sizeof(Elf64_Phdr)) {
        return damaged("its program headers are cut off");
    }
    std::vector<std::byte> table(count * sizeof(Elf64_Phdr));
    if (!read_bytes(header.e_phoff, table)) return Error{Errc::io, errno, "reading the core file"};
    for (std::size_t i = 0; i < count; ++i) {
        const auto entry = load<Elf64_Phdr>(table, i * sizeof(Elf64_Phdr));
        if (entry->p_type == PT_NOTE) read_notes(entry->p_offset, entry->p_filesz);
        if (entry->p_type != PT_LOAD || entry->p_memsz == 0) continue;
        CT_TRY(const CoreSegment segment, make_segment(*entry, size_));
        segments_.push_back(segment);
    }
    std::ranges::sort(segments_, {}, &CoreSegment::start);
    const auto overlap = std::ranges::adjacent_find(
        segments_, [](const CoreSegment& a, const CoreSegment& b) { return b.start < a.end(); });
    if (overlap != segments_.end()) return damaged("its segments overlap");
    return {};
}

void CoreFile::read_notes(std::uint64_t offset, std::uint64_t size) {
    const std::uint64_t there = offset < size_ ? std::min(size, size_ - offset) : 0;
    const std::uint64_t kept = std::min(there, kMaxNoteBytes - note_bytes_);
    if (kept < size) notes_.complaints.emplace_back("its notes are cut off");
    std::vector<std::byte> notes(kept);
    note_bytes_ += kept;
    if (read_bytes(offset, notes)) parse_core_notes(notes, notes_);
}

const CoreSegment* CoreFile::find(RemoteAddr address) const {
    const auto after = std::ranges::upper_bound(segments_, address, {}, &CoreSegment::start);
    if (after == segments_.begin()) return nullptr;
    const CoreSegment& before = *std::prev(after);
    return address < before.end() ? &before : nullptr;
}

std::size_t CoreFile::read_part(RemoteAddr from, std::span<std::byte> into) const {
    std::size_t done = 0;
    while (done < into.size()) {
        const CoreSegment* const segment = find(from + done);
        const std::uint64_t at = segment == nullptr ? 0 : (from + done).value - segment->start.value;
        if (segment == nullptr || at >= segment->held) break;
        const std::size_t size = std::min<std::uint64_t>(into.size() - done, segment->held - at);
        if (!read_bytes(segment->file_offset + at, into.subspan(done, size))) break;
        done += size;
    }
    return done;
}

Status CoreFile::read(RemoteAddr from, std::span<std::byte> into) const {
    if (read_part(from, into) == into.size()) return {};
    return Error{Errc::unreadable, 0, "memory that the core file does not hold"};
}

std::uint64_t CoreFile::cut_bytes() const {
    std::uint64_t bytes = 0;
    for (const CoreSegment& segment : segments_) bytes += segment.dumped - segment.held;
    return bytes;
}

}  // namespace corotrace
