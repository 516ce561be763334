// SPDX-License-Identifier: MIT
#include "symbols/core_map.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "symbols/elf_headers.hpp"

namespace corotrace {

namespace {

// The program headers at the start of a file, as far as the core holds them. Hostile: many files are looked
// at once each.
std::vector<Elf64_Phdr> read_program_headers(const CoreFile& core, RemoteAddr start) {
    std::array<std::byte, sizeof(Elf64_Ehdr)> bytes{};
    if (!core.read(start, bytes)) return {};
    const auto header = parse_elf_header(bytes);
    if (!header) return {};
    std::vector<std::byte> table(header->e_phnum * sizeof(Elf64_Phdr));
    if (!core.read(start + header->e_phoff, table)) return {};
    return parse_program_headers(table, header->e_phnum).value_or({});
}

class MapMaker {
public:
    explicit MapMaker(const CoreFile& core) : core_(core) {}

    Result<MemoryMap> make() {
        const auto& files = core_.notes().files;
        auto file = files.begin();
        for (const CoreSegment& segment : core_.segments()) {
            for (; file != files.end() && file->end <= segment.start; ++file) add(*file);
            RemoteAddr at = segment.start;
            // A mapping of a file that begins before its segment or ends after it cannot be: it is cut to
            // fit.
            for (; file != files.end() && file->start < segment.end(); ++file) {
                if (at < file->start) add(segment, at, file->start, nullptr);
                const RemoteAddr from = std::max(at, file->start);
                const RemoteAddr to = std::min(segment.end(), file->end);
                add(segment, from, to, &*file);
                at = to;
                if (segment.end() < file->end) break;
            }
            if (at < segment.end()) add(segment, at, segment.end(), nullptr);
        }
        for (; file != files.end(); ++file) add(*file);
        return MemoryMap::of(std::move(mappings_));
    }

private:
    static Mapping name_file(Mapping mapping, const CoreMapping& file) {
        mapping.file_offset = file.file_offset + (mapping.start.value - file.start.value);
        mapping.path = file.path;
        mapping.deleted = file.deleted;
        return mapping;
    }

    void add(const CoreSegment& segment, RemoteAddr start, RemoteAddr end, const CoreMapping* file) {
        if (start >= end) return;
        Mapping mapping{.start = start,
                        .end = end,
                        .readable = segment.readable,
                        .writable = segment.writable,
                        .executable = segment.executable,
                        .path = {}};
        if (file == nullptr) {
            mappings_.push_back(std::move(mapping));
            return;
        }
        mapping.shared = segment.writable && segment.dumped == 0;
        note_headers(*file);
        mappings_.push_back(name_file(std::move(mapping), *file));
    }

    // Without a segment.
    void add(const CoreMapping& file) {
        const RemoteAddr after = mappings_.empty() ? RemoteAddr{} : mappings_.back().end;
        Mapping mapping{.start = std::max(file.start, after), .end = file.end, .path = {}};
        if (mapping.start >= mapping.end) return;
        mapping = name_file(std::move(mapping), file);
        mapping.readable = true;
        note_headers(file);
        const std::uint64_t middle = mapping.file_offset + mapping.size() / 2;
        for (const Elf64_Phdr& header : headers_[file.path]) {
            if (header.p_type != PT_LOAD || middle < header.p_offset ||
                middle - header.p_offset >= header.p_filesz) {
                continue;
            }
            mapping.executable = (header.p_flags & PF_X) != 0;
        }
        mappings_.push_back(std::move(mapping));
    }

    void note_headers(const CoreMapping& file) {
        if (file.file_offset != 0) return;
        const auto [entry, is_new] = headers_.try_emplace(file.path);
        if (is_new) entry->second = read_program_headers(core_, file.start);
    }

    const CoreFile& core_;
    std::vector<Mapping> mappings_;
    std::map<std::string, std::vector<Elf64_Phdr>> headers_;  // of files, by their name
};

}  // namespace

Result<MemoryMap> make_core_map(const CoreFile& core) {
    return MapMaker(core).make();
}

}  // namespace corotrace
