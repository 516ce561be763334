// SPDX-License-Identifier: MIT
// LoadedFile: an ELF file, however damaged, as a loader would have mapped it, without a process.
#pragma once

#include <algorithm>
#include <vector>

#include "symbols/elf_headers.hpp"
#include "symbols/memory_map.hpp"
#include "symbols/remote_memory.hpp"

namespace corotrace {

class LoadedFile final : public RemoteMemory {
public:
    // `file` must outlive it. Its program headers are taken as they are; none if they cannot be parsed.
    explicit LoadedFile(ByteView file) : file_(file) {
        const auto header = parse_elf_header(file);
        if (!header || header->e_phoff > file.size()) return;
        auto headers = parse_program_headers(file.subspan(header->e_phoff), header->e_phnum);
        if (!headers) return;
        headers_ = std::move(*headers);
        bias_ = header->e_type == ET_EXEC ? 0 : 0x7f0000000000;
    }

    // One mapping per PT_LOAD, without bss.
    [[nodiscard]] Module module() const {
        Module module;
        module.path = "/nonexistent";
        for (const Elf64_Phdr& header : headers_) {
            Mapping mapping;
            mapping.start = page_of(header);
            mapping.end = mapping.start + (header.p_filesz + header.p_offset % kPage);
            mapping.file_offset = header.p_offset - header.p_offset % kPage;
            mapping.executable = (header.p_flags & PF_X) != 0;
            mapping.writable = (header.p_flags & PF_W) != 0;
            if (header.p_type == PT_LOAD && mapping.start < mapping.end) module.mappings.push_back(mapping);
        }
        return module;
    }

    [[nodiscard]] Status read(RemoteAddr from, std::span<std::byte> into) const override {
        ++reads_;
        for (const Elf64_Phdr& header : headers_) {
            const std::uint64_t slack = header.p_offset % kPage;
            const std::uint64_t at = from.value - page_of(header).value;
            const std::uint64_t offset = header.p_offset - slack + at;
            if (header.p_type != PT_LOAD || at >= header.p_filesz + slack) continue;
            if (offset > file_.size() || into.size() > file_.size() - offset) continue;
            std::copy_n(file_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
            return {};
        }
        return Error{Errc::unreadable, 0, "not loaded"};
    }

    [[nodiscard]] int reads() const { return reads_; }

private:
    static constexpr std::uint64_t kPage = 4096;
    [[nodiscard]] RemoteAddr page_of(const Elf64_Phdr& header) const {
        return {bias_ + header.p_vaddr - header.p_offset % kPage};
    }

    ByteView file_;
    std::uint64_t bias_ = 0;
    std::vector<Elf64_Phdr> headers_;
    mutable int reads_ = 0;
};

}  // namespace corotrace
