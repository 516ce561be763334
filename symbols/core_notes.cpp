// SPDX-License-Identifier: MIT
#include "symbols/core_notes.hpp"

#include <elf.h>

#include <algorithm>
#include <climits>
#include <string_view>

#include "symbols/memory_map.hpp"

namespace corotrace {

namespace {

// Of elf_prpsinfo, 64-bit: four bytes of state, padding, pr_flag, pr_uid, pr_gid, pr_pid.
constexpr std::size_t kPidAt = 24;

template <typename T>
std::optional<T> load_at(ByteView bytes, std::uint64_t at) {
    return at > bytes.size() ? std::nullopt : load<T>(bytes, static_cast<std::size_t>(at));
}

void complain(CoreNotes& notes, std::string what) {
    if (std::ranges::find(notes.complaints, what) == notes.complaints.end()) {
        notes.complaints.push_back(std::move(what));
    }
}

void parse_auxiliary_vector(ByteView vector, CoreNotes& into) {
    constexpr std::size_t kEntry = 2 * kWord;
    for (std::size_t at = 0; at + kEntry <= vector.size(); at += kEntry) {
        const auto type = load<std::uint64_t>(vector, at);
        const auto value = load<std::uint64_t>(vector, at + kWord);
        if (!type || !value || *type == AT_NULL) return;
        if (*type == AT_PHDR) into.program_headers = RemoteAddr{*value};
    }
}

std::optional<std::string_view> take_string(ByteView& bytes) {
    const auto end = std::ranges::find(bytes, std::byte{0});
    if (end == bytes.end()) return std::nullopt;
    const auto size = static_cast<std::size_t>(end - bytes.begin());
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), size);
    bytes = bytes.subspan(size + 1);
    return text;
}

// "count, page size, count times start, end, offset in pages, then the names": all words of 8 bytes.
void parse_files(ByteView note, CoreNotes& into) {
    constexpr std::size_t kHead = 2 * kWord;
    constexpr std::size_t kEntry = 3 * kWord;
    const auto count = load<std::uint64_t>(note, 0);
    const auto page = load<std::uint64_t>(note, kWord);
    if (!count || !page || *count > (note.size() - kHead) / kEntry) {
        complain(into, "its list of mapped files (NT_FILE) is damaged");
        return;
    }
    ByteView names = note.subspan(kHead + *count * kEntry);
    for (std::size_t i = 0; i < *count; ++i) {
        const auto range = load<std::array<std::uint64_t, 3>>(note, kHead + i * kEntry);
        const auto name = take_string(names);
        if (!range || !name || name->size() > PATH_MAX || into.files.size() >= kMaxCoreFiles) {
            complain(into, "its list of mapped files (NT_FILE) is cut off");
            return;
        }
        std::uint64_t offset = 0;
        if ((*range)[1] <= (*range)[0] || __builtin_mul_overflow((*range)[2], *page, &offset)) {
            complain(into, "its list of mapped files (NT_FILE) holds extents that cannot be");
            continue;
        }
        const bool deleted = name->ends_with(kDeletedSuffix);
        into.files.push_back(
            {.start = {(*range)[0]},
             .end = {(*range)[1]},
             .file_offset = offset,
             .path = std::string(name->substr(0, name->size() - (deleted ? kDeletedSuffix.size() : 0))),
             .deleted = deleted});
    }
}

void parse_note(std::uint32_t type, ByteView note, CoreNotes& into) {
    if (type == NT_PRSTATUS) {
        ++into.threads;
    } else if (type == NT_PRPSINFO) {
        if (const auto pid = load<std::int32_t>(note, kPidAt); pid && *pid > 0) into.pid = *pid;
    } else if (type == NT_AUXV) {
        parse_auxiliary_vector(note, into);
    } else if (type == NT_FILE) {
        parse_files(note, into);
    }
}

// Of two that overlap, which cannot be, the first stays.
void put_in_order(CoreNotes& notes) {
    std::ranges::stable_sort(notes.files, {}, &CoreMapping::start);
    std::vector<CoreMapping> kept;
    for (CoreMapping& file : notes.files) {
        if (!kept.empty() && file.start < kept.back().end) {
            complain(notes, "its list of mapped files (NT_FILE) holds extents that overlap");
            continue;
        }
        kept.push_back(std::move(file));
    }
    notes.files = std::move(kept);
}

}  // namespace

void parse_core_notes(ByteView notes, CoreNotes& into) {
    constexpr std::uint64_t kAlign = 4;
    const auto padded = [](std::uint64_t size) { return (size + kAlign - 1) & ~(kAlign - 1); };
    std::uint64_t at = 0;
    while (at < notes.size()) {
        const auto head = load_at<Elf64_Nhdr>(notes, at);
        const std::uint64_t name_at = at + sizeof(Elf64_Nhdr);
        const std::uint64_t text_at = head ? name_at + padded(head->n_namesz) : 0;
        if (!head || text_at > notes.size() || head->n_descsz > notes.size() - text_at) {
            complain(into, "its notes are cut off");
            break;
        }
        const std::string_view name(reinterpret_cast<const char*>(notes.data()) + name_at, head->n_namesz);
        if (name == std::string_view("CORE\0", 5)) {
            parse_note(head->n_type, notes.subspan(text_at, head->n_descsz), into);
        }
        at = text_at + padded(head->n_descsz);
    }
    put_in_order(into);
}

}  // namespace corotrace
